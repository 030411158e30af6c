//! What the departments' FAQs answer: the own one first, another's when it fits clearly better, and
//! nothing that the guest has turned down.

use crate::{
    model::{Article, Found, Verdict},
    pipeline::{answers::Search, cx::Cx, typed::normal},
};

/// By so much another department's best answer must fit better than the own one before it is shown
/// instead.
const CLEARLY: f32 = 0.15;
/// Another department's answer is shown beside the best one when it fits at least so well, as a
/// share of that one's score.
const NEARLY: f32 = 0.5;

/// The answers to show, best first, at most `limit`.
pub(super) fn find(cx: &Cx<'_>, search: Search<'_>, query: &str, limit: usize) -> Vec<Found> {
    let (answers, own, locale) = (cx.facts.answers, &cx.tenant.id, cx.locale());
    let turned_down: Vec<_> = cx
        .session()
        .answers
        .iter()
        .filter(|shown| shown.verdict == Verdict::NotHelped)
        .map(|shown| (&shown.tenant, &shown.article))
        .collect();
    // Who asks for it in its very words wants it all the same.
    let is_new = |found: &Found| {
        !turned_down.contains(&(&found.tenant, &found.article.id))
            || is_asked_for(&found.article, query)
    };
    let most = limit + turned_down.len();
    let mut found = answers.own(own, query, locale, most);
    found.retain(is_new);
    found.truncate(limit);
    let which = match search {
        Search::Own => return found,
        Search::All => None,
        Search::These(ids) => Some(ids),
    };
    let is_open = |found: &Found| {
        cx.facts.directory.tenant(&found.tenant).is_some_and(|tenant| tenant.enabled)
    };
    let mut others = answers.others(own, which, query, locale, most);
    others.retain(|found| is_open(found) && is_new(found));
    others.truncate(limit);
    // A department that only half understands does not stand beside one that knows.
    let least = others.first().map_or(0.0, |best| best.score * NEARLY);
    others.retain(|other| other.score >= least);
    let best = found.first().map_or(0.0, |found| found.score + CLEARLY);
    if others.first().is_some_and(|other| other.score > best) {
        // Theirs, and what of the own ones is still left room for.
        found.splice(0..0, others);
        found.truncate(limit);
    }
    found
}

/// These words are the article's question or one of its wordings.
pub(super) fn is_asked_for(article: &Article, words: &str) -> bool {
    let words = normal(words);
    std::iter::once(&article.question).chain(&article.also).any(|wording| normal(wording) == words)
}
