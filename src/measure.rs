//! Floor 3: how well the FAQ search does on labelled queries (`switchboard faq eval`).

use std::fmt::Write as _;

use crate::{
    company::labelled::Labelled, faq::Library, model::Found, pipeline::answers::Answers as _,
};

/// As many articles as a card shows.
const SHOWN: usize = 3;

/// What was measured over some queries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Queries that an article answers.
    pub answerable: usize,
    /// Those whose article came first.
    pub first: usize,
    /// Those whose article was among the three that are shown.
    pub shown: usize,
    /// The sum of 1 ÷ the place of the right article, over those shown.
    pub reciprocals: f64,
    /// Queries that nothing answers.
    pub unanswerable: usize,
    /// Those that got an answer all the same.
    pub wrongly: usize,
    /// What went wrong, a line each.
    pub misses: Vec<String>,
}

impl Measured {
    /// Asks every query.
    pub fn of(library: &Library, queries: &[Labelled]) -> Measured {
        let mut measured = Measured::default();
        for labelled in queries {
            let found =
                library.own(&labelled.tenant.value, &labelled.query, &labelled.locale, SHOWN);
            measured.add(labelled, &found);
        }
        measured
    }

    fn add(&mut self, labelled: &Labelled, found: &[Found]) {
        let is_miss = match &labelled.article {
            None => {
                self.unanswerable += 1;
                self.wrongly += usize::from(!found.is_empty());
                !found.is_empty()
            }
            Some(id) => {
                self.answerable += 1;
                let place = found.iter().position(|found| found.article.id == *id);
                self.first += usize::from(place == Some(0));
                self.shown += usize::from(place.is_some());
                self.reciprocals += place.map_or(0.0, |place| 1.0 / (place + 1) as f64);
                place != Some(0)
            }
        };
        if is_miss {
            let got: Vec<String> = found
                .iter()
                .map(|found| format!("{} {:.2}", found.article.id, found.score))
                .collect();
            let got = if got.is_empty() { "nothing".to_owned() } else { got.join(", ") };
            let (place, right) =
                (&labelled.tenant.place, labelled.article.as_deref().unwrap_or("none"));
            self.misses.push(format!(
                "{}:{}: {}: {right}, found {got}",
                place.file, place.line, labelled.query
            ));
        }
    }

    /// Takes another measurement in.
    pub fn merge(&mut self, other: &Measured) {
        self.answerable += other.answerable;
        self.first += other.first;
        self.shown += other.shown;
        self.reciprocals += other.reciprocals;
        self.unanswerable += other.unanswerable;
        self.wrongly += other.wrongly;
        self.misses.extend(other.misses.iter().cloned());
    }

    /// Share of the answerable queries whose article came first.
    pub fn hit_at_1(&self) -> f64 {
        share(self.first as f64, self.answerable)
    }

    /// Share of the answerable queries whose article was among the three shown.
    pub fn hit_at_3(&self) -> f64 {
        share(self.shown as f64, self.answerable)
    }

    /// Mean reciprocal rank over the answerable queries; an article that is not shown counts 0.
    pub fn mrr(&self) -> f64 {
        share(self.reciprocals, self.answerable)
    }

    /// Share of the unanswerable queries that got an answer.
    pub fn false_answers(&self) -> f64 {
        share(self.wrongly as f64, self.unanswerable)
    }
}

fn share(part: f64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part / of as f64 }
}

/// A table: a line each file, and all together.
pub fn table(files: &[(String, Measured)]) -> String {
    let mut total = Measured::default();
    files.iter().for_each(|(_, measured)| total.merge(measured));
    let width =
        files.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max("total".len());
    let mut out =
        format!("{:width$}  queries  hit@1  hit@3    MRR  of which none  false answers\n", "file");
    for (name, measured) in
        files.iter().map(|(name, measured)| (name.as_str(), measured)).chain([("total", &total)])
    {
        let queries = measured.answerable + measured.unanswerable;
        let (first, third, mrr, wrong) =
            (measured.hit_at_1(), measured.hit_at_3(), measured.mrr(), measured.false_answers());
        let none = measured.unanswerable;
        let _ = writeln!(
            out,
            "{name:width$}  {queries:>7}  {first:>5.3}  {third:>5.3}  {mrr:>5.3}  {none:>13}  {wrong:>13.3}"
        );
    }
    out
}
