//! `survey`: asks how the help was. Only who was helped by a person is asked.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Words},
    pipeline::{
        cx::{Cx, object},
        flow::Flow,
        language::fill,
        stage::{Behaviour, Mention, Speech},
        typed::normal,
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
            timeout: fields.duration("timeout").unwrap_or(TIMEOUT),
        })
    }

    fn text(&self, cx: &Cx<'_>) -> Words {
        self.speech
            .text
            .as_ref()
            .map_or_else(|| Words::own(cx.phrases().desk.survey), |text| cx.render(text))
    }

    fn ask(&self, cx: &mut Cx<'_>, notice: &Words) {
        let (text, phrases) = (self.text(cx), cx.phrases());
        let title = |rating: u64| match rating {
            1 => phrases.desk.worst.to_owned(),
            rating if rating == self.scale => {
                fill(phrases.desk.best, &[("rating", &rating.to_string())]).plain()
            }
            rating => rating.to_string(),
        };
        let choices: Vec<Value> = (1..=self.scale)
            .rev()
            .map(|rating| json!({ "title": title(rating), "value": rating.to_string() }))
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
            "notice": notice.variable(), "beside": false, "text": text.variable(), "fields": fields,
            "ratings": ratings, "comment": self.comment,
            "words": {
                "send": phrases.send, "comment": phrases.desk.comment,
                "worst": title(1), "best": title(self.scale),
            },
        });
        // So many buttons fit into one row of a narrow chat.
        let usual = if self.scale <= MOST_IN_A_ROW { "survey" } else { "ask" };
        let template =
            self.speech.template.as_ref().map_or(usual, |template| template.value.as_str());
        cx.ask(template, object(own), text, Asks::Stage);
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
            let notice =
                fill(cx.phrases().desk.not_a_rating, &[("scale", &self.scale.to_string())]);
            cx.settle(&question, &notice);
            cx.miss();
            self.ask(cx, &notice);
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
        self.ask(cx, &Words::default());
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
                    // The question stands: nobody has to answer it.
                    let answer = cx.phrases().to_thanks(&normal(typed));
                    cx.say(Words::own(answer));
                    return Flow::Stay;
                }
                let (rating, comment) = in_two(typed);
                self.take(cx, &object(json!({ "rating": rating, "comment": comment })))
            }
            _ => Flow::Stay,
        }
    }

    fn lets_go(&self, cx: &Cx<'_>, typed: &str) -> bool {
        let (rating, comment) = in_two(typed);
        // Who gives a number meant to rate, and may try once more.
        let is_try = rating.parse::<u64>().is_ok_and(|rating| {
            (1..=self.scale).contains(&rating) || comment.is_empty() && cx.misses() == 0
        });
        !is_try && !is_thanks(cx, typed)
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

/// What was typed as a rating and a comment: "4", "4/5", or "4 because it was quick".
fn in_two(typed: &str) -> (&str, &str) {
    let typed = typed.trim();
    let (first, comment) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let rating = first.split('/').next().unwrap_or(first);
    (rating.trim_matches(|c: char| c.is_ascii_punctuation()), comment.trim())
}

/// A word of thanks, or a sign without any word.
fn is_thanks(cx: &Cx<'_>, typed: &str) -> bool {
    let word = normal(typed);
    cx.phrases().thanks_words.contains(&word.as_str()) || !typed.chars().any(char::is_alphanumeric)
}
