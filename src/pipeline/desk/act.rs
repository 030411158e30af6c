//! What the buttons of a desk's cards do.

use serde_json::{Map, Value};

use crate::model::{Act, TenantId};

/// The stage name in the tokens of desk cards.
pub const DESK: &str = "desk";

/// What a button at the desk does, from its data; none when it is none of ours.
pub fn act_of(data: &Map<String, Value>) -> Option<Act> {
    let text = |key: &str| {
        data.get(key)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    match data.get(DESK)?.as_str()? {
        "take" => Some(Act::Take),
        "take-over" => Some(Act::TakeOver),
        "release" => Some(Act::Release),
        "hand" => {
            Some(Act::Hand { to: text("colleague").unwrap_or_default(), note: text("remark") })
        }
        "resolve" => {
            let helped = text("outcome").as_deref() != Some("unresolved");
            Some(Act::Resolve { helped, notes: text("notes"), answer: text("solution") })
        }
        "draft" => Some(Act::Draft { question: text("faqQuestion")?, answer: text("faqAnswer")? }),
        "consult" => Some(Act::Consult {
            tenant: TenantId::from(&text("adviser").unwrap_or_default()),
            question: text("question")?,
        }),
        "transfer" => Some(Act::Transfer {
            tenant: TenantId::from(&text("tenant").unwrap_or_default()),
            reason: text("reason"),
            note: text("note"),
        }),
        _ => None,
    }
}
