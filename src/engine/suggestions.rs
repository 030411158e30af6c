//! Articles that agents propose for FAQs, and what becomes of them when a manager decides.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{
    reload::{Refused, Reloader},
    turn::Turns,
};
use crate::{
    company::faq_writer::{append, clean, file_of, id_of},
    model::{Article, SuggestionId, TenantId},
    store::{StoreError, Suggestion, SuggestionState},
};

/// Decides on suggestions.
pub struct Suggestions {
    turns: Arc<Turns>,
    reloader: Arc<Reloader>,
    /// One decision at a time: a suggestion that two accept is in the file once.
    deciding: Mutex<()>,
}

/// What whoever accepts a suggestion wants otherwise; what is none stays as it was proposed.
#[derive(Debug, Default)]
pub struct Changes {
    /// The article's id; empty or none for one that is made of the question.
    pub article_id: Option<String>,
    pub question: Option<String>,
    /// Other words for it.
    pub also: Option<Vec<String>>,
    pub answer: Option<String>,
    pub tags: Option<Vec<String>>,
    /// Its language.
    pub locale: Option<String>,
}

/// An article that is in the company's files now.
#[derive(Debug)]
pub struct Accepted {
    /// Whose FAQ it is in.
    pub tenant: TenantId,
    /// Its id there.
    pub article: String,
}

/// Why nothing was decided.
#[derive(Debug)]
pub enum Undecided {
    /// There is no such suggestion.
    Unknown,
    /// It was decided on before.
    Before(SuggestionState),
    /// The company's files stay as they are.
    Refused(Refused),
    /// The store does not work.
    Store(StoreError),
}

impl From<StoreError> for Undecided {
    fn from(error: StoreError) -> Self {
        Undecided::Store(error)
    }
}

impl Suggestions {
    pub(super) fn new(turns: Arc<Turns>, reloader: Arc<Reloader>) -> Self {
        Suggestions { turns, reloader, deciding: Mutex::default() }
    }

    /// Suggestions in a state, of one tenant or of all, the oldest first.
    pub async fn list(
        &self,
        tenant: Option<&TenantId>,
        state: SuggestionState,
    ) -> Result<Vec<Suggestion>, StoreError> {
        self.turns.store().suggestions(tenant, state).await
    }

    /// A fragment for a `faq.yaml` with all of these, under ids that nothing has yet.
    pub fn fragment(&self, suggestions: &[Suggestion]) -> String {
        let running = self.turns.running();
        let mut articles: Vec<Article> = Vec::new();
        for suggestion in suggestions {
            let known = running.company.articles.get(&suggestion.tenant);
            let known = known.map(Vec::as_slice).unwrap_or_default().iter().map(|known| &*known.id);
            let taken: Vec<&str> =
                known.chain(articles.iter().map(|article| &*article.id)).collect();
            let mut article = proposed(suggestion, Changes::default());
            article.id = id_of(&article.question, &taken);
            articles.push(article);
        }
        file_of(articles.iter())
    }

    /// The article is in the company's folder and found from now on.
    ///
    /// # Errors
    /// When it was decided on before, or the company would have mistakes with it.
    pub async fn accept(
        &self,
        id: SuggestionId,
        changes: Changes,
        by: &str,
        now: Timestamp,
    ) -> Result<Accepted, Undecided> {
        let _turn = self.deciding.lock().await;
        let suggestion = self.open(id).await?;
        let mut article = proposed(&suggestion, changes);
        let running = self.turns.running();
        let known = running.company.articles.get(&suggestion.tenant);
        let known = known.map(Vec::as_slice).unwrap_or_default();
        let there = known.iter().find(|there| says_the_same(there, &article));
        let there = there.filter(|there| article.id.is_empty() || article.id == there.id);
        if let Some(there) = there {
            article.id.clone_from(&there.id);
        } else {
            if article.id.is_empty() {
                let taken: Vec<&str> = known.iter().map(|article| &*article.id).collect();
                article.id = id_of(&article.question, &taken);
            }
            self.write(&suggestion.tenant, article.clone(), now).await?;
        }
        self.decide(&suggestion, SuggestionState::Accepted, by, now).await?;
        Ok(Accepted { tenant: suggestion.tenant, article: article.id })
    }

    /// Nothing becomes of it.
    ///
    /// # Errors
    /// When it was decided on before.
    pub async fn reject(
        &self,
        id: SuggestionId,
        by: &str,
        now: Timestamp,
    ) -> Result<(), Undecided> {
        let _turn = self.deciding.lock().await;
        let suggestion = self.open(id).await?;
        self.decide(&suggestion, SuggestionState::Rejected, by, now).await
    }

    /// A suggestion on which nobody has decided.
    async fn open(&self, id: SuggestionId) -> Result<Suggestion, Undecided> {
        let found = self.turns.store().suggestion(id).await?.ok_or(Undecided::Unknown)?;
        match found.state {
            SuggestionState::Proposed => Ok(found),
            state => Err(Undecided::Before(state)),
        }
    }

    async fn write(
        &self,
        tenant: &TenantId,
        article: Article,
        now: Timestamp,
    ) -> Result<(), Undecided> {
        let path = format!("tenants/{tenant}/faq.yaml");
        let file = path.clone();
        let edit = move |_: &_, old: Option<&str>| append(&file, old.unwrap_or_default(), &article);
        self.reloader.change(path, now, edit).await.map_err(Undecided::Refused)
    }

    async fn decide(
        &self,
        suggestion: &Suggestion,
        state: SuggestionState,
        by: &str,
        now: Timestamp,
    ) -> Result<(), Undecided> {
        let store = self.turns.store();
        let is_first = store.decide_suggestion(suggestion.id, state, by.to_owned(), now).await?;
        if is_first { Ok(()) } else { Err(Undecided::Before(state)) }
    }
}

/// The article that a suggestion becomes.
fn proposed(suggestion: &Suggestion, changes: Changes) -> Article {
    let Changes { article_id, question, also, answer, tags, locale } = changes;
    let clean_all = |texts: Option<Vec<String>>| {
        texts.unwrap_or_default().iter().map(|text| clean(text)).collect()
    };
    Article {
        id: article_id.unwrap_or_default(),
        question: clean(question.as_ref().unwrap_or(&suggestion.question)),
        also: clean_all(also),
        answer: clean(answer.as_ref().unwrap_or(&suggestion.answer)),
        tags: clean_all(tags),
        locale: locale.unwrap_or_else(|| suggestion.locale.clone()),
    }
}

/// It is there already when the process ended between the file and the decision, or when somebody
/// wrote it in by hand.
fn says_the_same(there: &Article, article: &Article) -> bool {
    there.question.trim() == article.question.trim()
        && there.answer.trim() == article.answer.replace("\r\n", "\n").trim()
}
