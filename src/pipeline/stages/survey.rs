//! `survey`: asks how the help was. Only who was helped by a person is asked.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Words},
    pipeline::{
        cx::{Cx, object},
        flow::Flow,
        language::{Phrases, fill},
        stage::{Behaviour, Mention, Speech},
        typed::{normal, words_of},
    },
    source::Fields,
};

/// How long the question stands, unless the stage says so.
const TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// The scale, unless the stage says so.
const SCALE: u64 = 5;

/// The largest scale that is one row of buttons.
const MOST_IN_A_ROW: u64 = 5;

/// Settings of a `survey` stage.
#[derive(Debug, Clone)]
pub struct Survey {
    speech: Speech,
    scale: u64,
    comment: bool,
    timeout: Duration,
}

impl Survey {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let speech = Speech::read(fields, false);
        let scale = fields.number("scale").map_or(SCALE, |scale| {
            let whole = scale.value as u64;
            if !(2..=10).contains(&whole) || whole as f64 != scale.value {
                fields.problems.error(
                    &scale.place,
                    "`scale` is no whole number from 2 to 10",
                    "write `scale: 5`",
                );
            }
            whole.clamp(2, 10)
        });
        Some(Survey {
            speech,
            scale,
            comment: fields.bool("comment", true),
            timeout: fields.wait("timeout").unwrap_or(TIMEOUT),
        })
    }

    fn text(&self, cx: &Cx<'_>) -> Words {
        self.speech
            .text
            .as_ref()
            .map_or_else(|| Words::own(cx.phrases().desk.survey), |text| cx.render(text))
    }

    fn ask(&self, cx: &mut Cx<'_>) {
        let (text, phrases) = (self.text(cx), cx.phrases());
        let choices: Vec<Value> = (1..=self.scale)
            .rev()
            .map(|rating| json!({ "title": self.title(phrases, rating), "value": rating.to_string() }))
            .collect();
        let field = |id: &str, label: &str, kind: &str, choices: Vec<Value>| {
            let is_choice = kind == "choice";
            json!({
                "id": id, "label": label, "type": kind, "required": is_choice, "multiline": !is_choice, "choices": choices,
                "expanded": self.scale <= 5, "value": "", "error": "", "min": "", "max": "",
                "need": fill(phrases.required, &[("label", label)]).plain(),
            })
        };
        let mut fields = vec![field("rating", phrases.desk.rating, "choice", choices)];
        if self.comment {
            fields.push(field("comment", phrases.desk.comment, "multiline", Vec::new()));
        }
        let ratings: Vec<String> = (1..=self.scale).map(|rating| rating.to_string()).collect();
        let own = json!({
            "notice": "", "beside": false, "text": text.variable(), "fields": fields,
            "ratings": ratings, "comment": self.comment,
            "words": {
                "send": phrases.send, "comment": phrases.desk.comment,
                "worst": self.title(phrases, 1), "best": self.title(phrases, self.scale),
            },
        });
        // So many buttons fit into one row of a narrow chat.
        let usual = if self.scale <= MOST_IN_A_ROW { "survey" } else { "ask" };
        let template =
            self.speech.template.as_ref().map_or(usual, |template| template.value.as_str());
        cx.ask(template, object(own), text, Asks::Stage);
    }

    /// What the choice of a rating is called.
    fn title(&self, phrases: &Phrases, rating: u64) -> String {
        match rating {
            1 => phrases.desk.worst.to_owned(),
            rating if rating == self.scale => {
                fill(phrases.desk.best, &[("rating", &rating.to_string())]).plain()
            }
            rating => rating.to_string(),
        }
    }

    /// What was typed as a rating and the comment behind it: "4", "4/5", "5, thanks to Ann", or the
    /// title of a choice or its words alone. None for words that rate nothing.
    fn rated<'t>(&self, phrases: &Phrases, typed: &'t str) -> Option<(u64, &'t str)> {
        let word = words_of(typed);
        let is_title = |rating: &u64| {
            let title = words_of(&self.title(phrases, *rating));
            let bare = title.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
            !bare.is_empty() && (word == title || word == bare)
        };
        if let Some(rating) = (1..=self.scale).find(is_title) {
            return Some((rating, ""));
        }
        let (number, rest) = in_two(typed)?;
        (1..=self.scale).contains(&number).then_some((number, rest))
    }

    /// It stays without a rating.
    fn unrated(&self, cx: &mut Cx<'_>) -> Flow {
        let moot = Words::own(cx.phrases().moot);
        cx.settle(&Words::default(), &moot);
        cx.exit("on_timeout").unwrap_or(Flow::Next)
    }

    fn take(&self, cx: &mut Cx<'_>, given: &Map<String, Value>) -> Flow {
        let text = |key: &str| {
            given
                .get(key)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let rating = text("rating")
            .and_then(|rating| rating.trim().parse::<u64>().ok())
            .filter(|rating| (1..=self.scale).contains(rating));
        let comment = text("comment")
            .map(|comment| comment.trim().to_owned())
            .filter(|comment| self.comment && !comment.is_empty());
        let question = self.text(cx);
        let Some(rating) = rating else {
            if cx.misses() > 0 {
                return self.unrated(cx);
            }
            // Its card stands: a survey is shown once.
            cx.miss();
            cx.say(fill(cx.phrases().desk.not_a_rating, &[("scale", &self.scale.to_string())]));
            return Flow::Stay;
        };
        let shown = comment
            .as_ref()
            .map_or_else(|| rating.to_string(), |comment| format!("{rating}; {comment}"));
        cx.settle(&question, &Words::typed(&shown));
        cx.set("Session.Rating", json!(rating), false);
        if let Some(comment) = comment {
            cx.set("Session.RatingComment", json!(comment), false);
        }
        Flow::Next
    }
}

impl Behaviour for Survey {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        if cx.session().metadata.entry("Agent.Id").is_none() {
            return Flow::Next;
        }
        self.ask(cx);
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        match event {
            Event::Clicked { data, .. } => {
                let rating = data.get("rating").and_then(Value::as_str).unwrap_or_default();
                let comment = data.get("comment").and_then(Value::as_str).unwrap_or_default();
                cx.heard(
                    [rating, comment]
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join("; "),
                );
                self.take(cx, data)
            }
            Event::Said(typed) => {
                cx.heard(typed.as_str());
                if is_thanks(cx, typed) {
                    let answer = cx.phrases().to_thanks(&normal(typed));
                    cx.say(Words::own(answer));
                    return self.unrated(cx);
                }
                let rated = self.rated(cx.phrases(), typed);
                let rating = rated.map(|(rating, _)| rating.to_string()).unwrap_or_default();
                let comment = rated.map(|(_, comment)| comment).unwrap_or_default();
                self.take(cx, &object(json!({ "rating": rating, "comment": comment })))
            }
            _ => Flow::Stay,
        }
    }

    fn lets_go(&self, cx: &Cx<'_>, typed: &str) -> bool {
        // Who gives a number alone meant to rate.
        let is_try = || in_two(typed).is_some_and(|(_, rest)| rest.is_empty());
        self.rated(cx.phrases(), typed).is_none() && !is_thanks(cx, typed) && !is_try()
    }

    fn reminds(&self) -> bool {
        false
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.speech.mentions()
    }

    fn times_itself(&self) -> bool {
        true
    }

    fn timeout(&self) -> Option<Duration> {
        Some(self.timeout)
    }
}

/// A whole number and what was typed behind it: `4`, `4/5`, `5, thanks to Ann`. None when it begins
/// with something else, such as a time, a date or a word with a digit in it.
fn in_two(typed: &str) -> Option<(u64, &str)> {
    let typed = typed.trim();
    let digits = typed.len() - typed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = typed[..digits].parse().ok()?;
    let (mut rest, is_end) = (&typed[digits..], |rest: &str| {
        let mut after = rest.chars();
        match (after.next(), after.next()) {
            (None, _) => true,
            (Some('.' | ',' | ':' | '-' | '\''), next) => !next.is_some_and(char::is_numeric),
            (Some(c), _) => !c.is_alphanumeric(),
        }
    });
    if let Some(scale) = rest.strip_prefix('/') {
        rest = scale.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let is_break =
        |c: char| c.is_whitespace() || matches!(c, '.' | ',' | ':' | ';' | '!' | '-' | '–' | '—');
    is_end(rest).then(|| (number, rest.trim_start_matches(is_break).trim_end()))
}

/// Thanks, to the agent by name as well, or a sign without any word.
fn is_thanks(cx: &Cx<'_>, typed: &str) -> bool {
    if !typed.chars().any(char::is_alphanumeric) {
        return true;
    }
    let thanks = |word: &str| cx.phrases().thanks_words.contains(&word);
    let agent = cx.session().metadata.get("Agent.Name").and_then(Value::as_str).map(words_of);
    let name: Vec<&str> =
        agent.as_deref().map(|name| name.split(' ').collect()).unwrap_or_default();
    let words = words_of(typed);
    let others: Vec<&str> = words.split(' ').filter(|word| !name.contains(word)).collect();
    thanks(&normal(typed)) || thanks(&others.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_the_words_behind_it_are_a_rating() {
        for (typed, want) in [
            ("4", Some((4, ""))),
            (" 4/5 ", Some((4, ""))),
            ("5.", Some((5, ""))),
            ("5!", Some((5, ""))),
            ("5, thanks to Ann", Some((5, "thanks to Ann"))),
            ("5: quick – and kind.", Some((5, "quick – and kind."))),
            ("5,thanks", Some((5, "thanks"))),
            ("4/5 because it was quick", Some((4, "because it was quick"))),
            ("3 – so so", Some((3, "so so"))),
            ("12", Some((12, ""))),
            // No ratings: a time, a date, a machine, an amount.
            ("5:30 is fine", None),
            ("3.12. is bad for me", None),
            ("5th floor is cold", None),
            ("4,50 are missing", None),
            ("5-2 is three", None),
            ("my 5 machines", None),
            ("99999999999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(in_two(typed), want, "{typed:?}");
        }
    }
}
