//! `faq`: answers from the department's own words, and from another department's when those fit
//! clearly better.

mod named;
mod sources;

use serde_json::{Map, Value, json};

use crate::{
    model::{
        Asks, By, ByKind, Effect, Event, Found, Shown, State, TenantId, Verdict, Words,
        session::keys,
    },
    pipeline::{
        answers::Search,
        cx::{Cx, object},
        flow::Flow,
        language::fill,
        language::text::Text,
        stage::{Behaviour, Mention, Speech, optional_text},
        stages::library,
        typed::{normal, yes_or_no},
        wish::{Proposal, WhenClosed},
    },
    source::Fields,
};
use sources::Sources;

/// How many answers are shown, unless the stage says so.
const LIMIT: u32 = 3;
const MOST: u32 = 5;
/// How often the guest may ask anew before the stage gives up.
const AGAIN: u32 = 2;

/// Settings of a `faq` stage.
#[derive(Debug, Clone)]
pub struct Faq {
    speech: Speech,
    query: Option<Text>,
    sources: Sources,
    limit: usize,
    offer_transfer: bool,
}

impl Faq {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let (problems, sources) = (fields.problems, Sources::read(fields));
        let limit = fields.whole("limit", 1).unwrap_or(LIMIT);
        if limit > MOST {
            let what = format!("`limit` is {limit}: a card shows {MOST} answers at most");
            let help = format!("write `limit: {MOST}` or less");
            problems.error(fields.place_of("limit"), what, help);
        }
        Some(Faq {
            speech: Speech::read(fields, false),
            query: optional_text(fields, "query"),
            sources,
            limit: usize::try_from(limit.min(MOST)).unwrap_or(1),
            offer_transfer: fields.bool("offer_transfer", true),
        })
    }

    /// What is looked for: what the stage says, else what the guest last asked in words of their
    /// own, else their first words.
    fn query(&self, cx: &Cx<'_>) -> String {
        if let Some(query) = &self.query {
            return cx.value(query).revealed().plain();
        }
        let session = cx.session();
        let first =
            || session.metadata.get(keys::QUESTION).and_then(Value::as_str).map(str::to_owned);
        session.query.clone().or_else(first).unwrap_or_default()
    }

    /// Looks for answers and shows them; without any, leaves.
    fn answer(&self, cx: &mut Cx<'_>, query: &str, again: u32) -> Flow {
        let found = library::find(cx, self.sources.search(), query, self.limit);
        if found.is_empty() {
            return Self::exit(cx, "on_none");
        }
        let (session, now) = (cx.session().id, cx.now());
        for Found { article, tenant, .. } in &found {
            let shown = Shown {
                tenant: tenant.clone(),
                article: article.id.clone(),
                question: article.question.clone(),
                verdict: Verdict::Shown,
                at: now,
            };
            let answers = &mut cx.session_mut().answers;
            answers.retain(|old| (&old.tenant, &old.article) != (&shown.tenant, &shown.article));
            answers.push(shown);
            let effect = Effect::Answer {
                session,
                tenant: tenant.clone(),
                article: article.id.clone(),
                verdict: Verdict::Shown,
            };
            cx.effects.push(effect);
        }
        let articles =
            found.iter().map(|found| (found.tenant.clone(), found.article.id.clone())).collect();
        self.show(cx, articles, again);
        Flow::Stay
    }

    /// Shows the card with these articles, the first of them open.
    fn show(&self, cx: &mut Cx<'_>, articles: Vec<(TenantId, String)>, again: u32) {
        let text = self.text(cx, &articles);
        let own = self.own(cx, &articles, &text, None);
        let template = self.template().to_owned();
        cx.ask(&template, own, text, Asks::Answers { articles, again });
    }

    fn template(&self) -> &str {
        self.speech.template.as_ref().map_or("faq", |template| template.value.as_str())
    }

    fn text(&self, cx: &Cx<'_>, articles: &[(TenantId, String)]) -> Words {
        let faq = cx.phrases().faq;
        let theirs =
            articles.first().map(|(tenant, _)| tenant).filter(|tenant| **tenant != cx.tenant.id);
        match (theirs.and_then(|tenant| cx.facts.directory.tenant(tenant)), &self.speech.text) {
            (Some(tenant), _) => fill(faq.theirs, &[("name", &tenant.name)]),
            (None, Some(text)) => cx.render(text),
            (None, None) => Words::own(if articles.len() == 1 { faq.one } else { faq.some }),
        }
    }

    /// The card's variables. With `helped`, the card says which article helped and has no buttons.
    fn own(
        &self,
        cx: &Cx<'_>,
        articles: &[(TenantId, String)],
        text: &Words,
        helped: Option<usize>,
    ) -> Map<String, Value> {
        let (directory, faq) = (cx.facts.directory, cx.phrases().faq);
        let shown: Vec<Value> = articles
            .iter()
            .enumerate()
            .filter(|(index, _)| helped.is_none_or(|helped| helped == *index))
            .filter_map(|(index, (tenant, id))| {
                let article = cx.facts.answers.article(tenant, id)?;
                let theirs = Some(tenant).filter(|tenant| **tenant != cx.tenant.id).and_then(|tenant| directory.tenant(tenant));
                Some(json!({
                    "id": format!("answer-{index}"), "value": index.to_string(), "number": index + 1,
                    // What a department writes is its own words, and may hold Markdown.
                    "title": Words::own(&article.question).variable(), "text": Words::own(article.answer.trim()).variable(),
                    "from": theirs.map_or("", |tenant| tenant.name.as_str()),
                    "open": helped.is_some() || articles.len() == 1 || index == 0,
                }))
            })
            .collect();
        let moves: Vec<Value> = self
            .moves(cx, articles)
            .into_iter()
            .map(|(tenant, name)| json!({ "title": fill(faq.go, &[("name", &name)]).plain(), "value": tenant.as_str() }))
            .collect();
        object(json!({
            "text": text.variable(), "articles": shown, "live": helped.is_none(), "several": articles.len() > 1 && helped.is_none(),
            "moves": if helped.is_none() { moves } else { Vec::new() },
            "words": { "helped": faq.helped, "other": faq.other, "hint": faq.hint },
        }))
    }

    /// The departments whose answers are on the card and to which the guest may go.
    fn moves(&self, cx: &Cx<'_>, articles: &[(TenantId, String)]) -> Vec<(TenantId, String)> {
        if !self.offer_transfer {
            return Vec::new();
        }
        cx.facts
            .directory
            .reachable_from(cx.tenant)
            .filter(|to| articles.iter().any(|(tenant, _)| *tenant == to.id))
            .map(|to| (to.id.clone(), to.name.clone()))
            .collect()
    }

    /// Notes what the guest said of an article.
    fn judge(cx: &mut Cx<'_>, (tenant, article): &(TenantId, String), verdict: Verdict) {
        let session = cx.session_mut();
        if let Some(shown) = session
            .answers
            .iter_mut()
            .find(|shown| shown.tenant == *tenant && shown.article == *article)
        {
            shown.verdict = verdict;
        }
        let session = session.id;
        cx.effects.push(Effect::Answer {
            session,
            tenant: tenant.clone(),
            article: article.clone(),
            verdict,
        });
    }

    /// An answer helped: the card keeps it, without buttons.
    fn helped(&self, cx: &mut Cx<'_>, articles: &[(TenantId, String)], index: usize) -> Flow {
        Self::judge(cx, &articles[index], Verdict::Helped);
        // Their own word, also after an agent could not solve it.
        cx.set(keys::RESOLVED, Value::Bool(true), false);
        cx.set(keys::RESOLVED_BY, Value::from("guest"), false);
        for agent in [keys::RESOLVED_BY_ID, keys::RESOLVED_BY_NAME, keys::NOTES] {
            cx.session_mut().metadata.remove(agent);
        }
        let faq = cx.phrases().faq;
        let words = Words::own(faq.helped);
        if let Some(letter) =
            cx.session_mut().waiting.as_mut().and_then(|waiting| waiting.card.take())
        {
            let text = self.text(cx, articles);
            let own = self.own(cx, articles, &text, Some(index));
            cx.redraw(letter, self.template(), own, words);
        }
        cx.exit("on_solved").unwrap_or_else(|| {
            let solved = Words::own(faq.solved);
            cx.say(solved);
            Flow::End(State::Resolved)
        })
    }

    fn not_helped(cx: &mut Cx<'_>, articles: &[(TenantId, String)], answer: &Words) {
        articles.iter().for_each(|article| Self::judge(cx, article, Verdict::NotHelped));
        cx.settle(&Words::default(), answer);
    }

    /// The guest wants to go where the answer comes from: the same rules as everywhere, by their
    /// own wish.
    fn follow(
        &self,
        cx: &mut Cx<'_>,
        articles: &[(TenantId, String)],
        to: &TenantId,
        name: &str,
    ) -> Flow {
        let article = articles.iter().find(|(tenant, _)| tenant == to).cloned();
        let question = article
            .as_ref()
            .and_then(|(tenant, id)| cx.facts.answers.article(tenant, id))
            .map(|article| article.question.clone());
        if let Some(article) = &article {
            Self::judge(cx, article, Verdict::Followed);
        }
        let faq = cx.phrases().faq;
        cx.settle(&Words::default(), &fill(faq.go, &[("name", name)]));
        let reason = question.map(|question| fill(faq.reason, &[("question", &question)]).plain());
        let guest = cx.facts.guest;
        Flow::Transfer(Box::new(Proposal {
            target: to.to_string(),
            receiver: cx.facts.fresh.session(),
            by: By { kind: ByKind::Guest, id: guest.key().to_owned(), name: guest.name.clone() },
            reason,
            note: None,
            when_closed: WhenClosed::Ask,
            confirm: false,
            agreed: false,
            person: false,
        }))
    }

    /// An exit; what is not written is `on_unsolved`, then the next stage.
    fn exit(cx: &Cx<'_>, name: &str) -> Flow {
        cx.exit(name).or_else(|| cx.exit("on_unsolved")).unwrap_or(Flow::Next)
    }

    fn typed(
        &self,
        cx: &mut Cx<'_>,
        typed: &str,
        articles: &[(TenantId, String)],
        again: u32,
    ) -> Flow {
        let (phrases, word) = (cx.phrases(), normal(typed));
        let faq = phrases.faq;
        cx.heard(typed);
        let is = |words: &[&str], title: &str| {
            words.iter().any(|known| *known == word) || normal(title) == word
        };
        if let Some((tenant, name)) = named::of(cx, self.moves(cx, articles), &word) {
            return self.follow(cx, articles, &tenant, &name);
        }
        let first = articles.get(..1).unwrap_or_default();
        if let Some(flow) = named::elsewhere(cx, typed, &word) {
            Self::not_helped(cx, first, &Words::typed(typed));
            return flow;
        }
        let (answer, _) = yes_or_no(&Event::Said(typed.to_owned()), phrases);
        if answer == Some(true)
            || is(faq.helped_words, faq.helped)
            || phrases.thanks_words.contains(&word.as_str())
        {
            return self.helped(cx, articles, 0);
        }
        if answer == Some(false) || is(faq.other_words, faq.other) {
            Self::not_helped(cx, articles, &Words::typed(typed));
            return Self::exit(cx, "on_unsolved");
        }
        let number = word
            .trim_end_matches(['.', ')'])
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let titled = articles.iter().position(|(tenant, id)| {
            cx.facts
                .answers
                .article(tenant, id)
                .is_some_and(|article| normal(&article.question) == word)
        });
        if let Some(index) = titled.or(number).filter(|&index| index < articles.len()) {
            // That one alone, opened.
            cx.settle(&Words::default(), &Words::typed(typed));
            self.show(cx, vec![articles[index].clone()], again);
            return Flow::Stay;
        }
        // Of several only the first was open: of the others they have read the titles.
        Self::not_helped(cx, first, &Words::typed(typed));
        cx.session_mut().query = Some(typed.to_owned());
        cx.keep_words(typed);
        if again >= AGAIN {
            return Self::exit(cx, "on_unsolved");
        }
        self.answer(cx, typed, again + 1)
    }
}

impl Behaviour for Faq {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        if let Some(Asks::Answers { articles, again }) = cx.asks().cloned() {
            // Come to again, after a question beside: the same card, and nothing is counted anew.
            self.show(cx, articles, again);
            return Flow::Stay;
        }
        let query = self.query(cx);
        self.answer(cx, &query, 0)
    }

    /// What has no answer here is for whoever comes next.
    fn passes_on(&self, flow: &Flow) -> bool {
        match flow {
            Flow::Goto { exit, .. } => exit != "on_solved",
            flow => *flow == Flow::Next,
        }
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        let Some(Asks::Answers { articles, again }) = cx.asks().cloned() else { return Flow::Stay };
        match event {
            Event::Said(typed) => self.typed(cx, typed, &articles, again),
            Event::Clicked { data, .. } => {
                let text = |key: &str| data.get(key).and_then(Value::as_str);
                let faq = cx.phrases().faq;
                let chosen = text("article")
                    .and_then(|index| index.parse::<usize>().ok())
                    .filter(|&index| index < articles.len());
                if let Some(index) = chosen {
                    cx.heard(faq.helped);
                    return self.helped(cx, &articles, index);
                }
                let to = text("tenant").and_then(|id| {
                    self.moves(cx, &articles).into_iter().find(|(tenant, _)| tenant.as_str() == id)
                });
                if let Some((tenant, name)) = to {
                    cx.heard(fill(faq.go, &[("name", &name)]).plain());
                    return self.follow(cx, &articles, &tenant, &name);
                }
                cx.heard(faq.other);
                Self::not_helped(cx, &articles, &Words::own(faq.other));
                Self::exit(cx, "on_unsolved")
            }
            _ => Flow::Stay,
        }
    }

    fn passes(&self) -> &'static [&'static [&'static str]] {
        &[&["on_none", "on_unsolved", "next"]]
    }

    fn knows(&self, typed: &str) -> bool {
        // "1" and the like answer this card.
        typed.trim().trim_end_matches(['.', ')']).parse::<usize>().is_ok()
    }

    fn looks_in(&self) -> Option<Search<'_>> {
        Some(self.sources.search())
    }

    fn searches(&self) -> Option<Search<'_>> {
        // With a query of its own it does not look for what is typed elsewhere.
        self.query.is_none().then(|| self.sources.search())
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let own = self.query.iter().map(Mention::Text).chain(self.sources.mentions());
        self.speech.mentions().into_iter().chain(own).collect()
    }
}
