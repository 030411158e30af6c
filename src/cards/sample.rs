//! The data with which the checker renders a card.

use serde_json::{Map, Value, json};

use super::{
    render::{OWN, SCOPE},
    template::Mention,
};
use crate::pipeline::language::names::ITEM;

/// What stands where nothing better is known.
const SAMPLE: &str = "Sample";

/// A whole, realistic scope.
fn scope() -> Value {
    let side = |name: &str, id: &str| json!({ "SessionId": "0198c0de-0000-7000-8000-000000000001", "TenantId": id, "TenantName": name });
    json!({
        "Guest": {
            "Id": "29:1abc", "AadObjectId": "87d349ed-44d7-43e1-9a83-5f2406dee5bd", "Name": "Adele Vance", "GivenName": "Adele",
            "Surname": "Vance", "Email": "adele@contoso.com", "UserPrincipalName": "adele@contoso.com", "Locale": "en-US",
            "Country": "US", "Timezone": "Europe/Berlin", "Platform": "Windows", "ChannelId": "msteams",
            "Question": "My laptop does not start", "IsNew": false
        },
        "Session": {
            "SessionId": "0198c0de-0000-7000-8000-000000000001", "Ref": "IT-4821", "JourneyId": "0198c0de-0000-7000-8000-000000000002",
            "OriginSessionId": "0198c0de-0000-7000-8000-000000000001", "Hop": 1, "Turns": 4, "TenantId": "it", "State": "active",
            "StartedUtc": "2026-03-02T09:00:00Z", "EndedUtc": "",
            "Status": { "IsResolved": false, "ResolutionNotes": "", "ResolvedBy": "", "ResolvedByAgentId": "", "ResolvedByAgentName": "" },
            "TransferredFrom": side("Front desk", "front-desk"), "TransferredTo": side("HR", "hr"),
            "Transfers": [{
                "from": { "sessionId": "0198c0de-0000-7000-8000-000000000003", "tenantId": "front-desk", "tenantName": "Front desk" },
                "to": { "sessionId": "0198c0de-0000-7000-8000-000000000001", "tenantId": "it", "tenantName": "IT Service Desk" },
                "at": "2026-03-02T09:00:00Z", "by": { "kind": "stage", "id": "to-it", "name": "to-it" }, "reason": "You chose IT"
            }],
            "Rating": 5, "RatingComment": "Quick help"
        },
        "Tenant": { "Id": "it", "Name": "IT Service Desk", "Icon": "💻", "Picture": "", "Accent": "accent" },
        "Company": { "Name": "Contoso" },
        "Agent": { "Id": "5c9a1d2e-7b34-4f0a-9c68-2e1f0a3b4c5d", "Upn": "alex@contoso.com", "Name": "Alex Wilber" },
        "Data": {},
        "Hours": { "Open": true, "NextOpen": "Monday 08:00" },
        "Transfer": { "Error": "", "Message": "" },
        "Queue": { "Position": 2, "EstimateMinutes": 5 }
    })
}

/// What the core hands over beside the scope, when a card has no sample of its own.
fn own() -> Value {
    json!({
        "text": "What is it about?",
        "notice": "That fits none of the choices.",
        "beside": false,
        "answer": "Password",
        "choices": [{ "title": "Password", "value": "0" }, { "title": "New laptop", "value": "1" }],
        "compact": false,
        "rows": [{ "title": "Password", "value": "0", "icon": "" }, { "title": "New laptop", "value": "1", "icon": "" }],
        "ways": [],
        "fields": [
            { "id": "model", "label": "Model", "type": "choice", "required": true, "multiline": false, "expanded": true, "value": "Air",
              "choices": [{ "title": "Air", "value": "Air" }, { "title": "Pro", "value": "Pro" }], "min": null, "max": null, "error": "",
              "need": "Please fill in “Model”." },
            { "id": "why", "label": "Why", "type": "multiline", "required": false, "multiline": true, "expanded": false, "value": "",
              "choices": [], "min": null, "max": 400, "error": "",
              "need": "Please fill in “Why”." }
        ],
        "departments": [{ "id": "it", "name": "IT Service Desk" }, { "id": "hr", "name": "HR" }],
        "from": { "id": "it", "name": "IT Service Desk" },
        "to": { "id": "hr", "name": "HR", "ref": "HR-4822", "icon": "👥", "picture": "", "accent": "good" },
        "reason": "You chose HR",
        "taken": "Your question",
        "undo": true,
        "until": "You can go back until 14:05.",
        "lines": ["help: this text", "restart: begin again"],
        "words": {},
        "data": {}
    })
}

/// The data for one template: the scope, the sample or what the core usually hands over, and
/// something for every other name.
pub(super) fn data(sample: Option<&Value>, mentions: &[Mention]) -> Value {
    let mut data = scope();
    merge(&mut data, sample.unwrap_or(&own()));
    for mention in mentions {
        let first = mention.path[0].as_str();
        let known = SCOPE.contains(&first) || OWN.contains(&first);
        // With a sample, what it lacks is a mistake; but every key of `Data` is there, empty while
        // unset.
        if first == "Data" || (sample.is_none() && (!known || matches!(first, "words" | "data"))) {
            fill(&mut data, &mention.path);
        }
    }
    data
}

/// The same with every text of a card's own empty and every list too: the other side of each
/// `{{#if}}`.
pub(super) fn bare(data: &Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::String(text) => text.clear(),
            Value::Array(items) => items.clear(),
            Value::Object(map) => map.values_mut().for_each(walk),
            Value::Bool(truth) => *truth = false,
            _ => {}
        }
    }
    let mut data = data.clone();
    walk(&mut data);
    data
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Puts sample text where a template looks for something that is not there.
fn fill(value: &mut Value, path: &[String]) {
    let Some((step, rest)) = path.split_first() else { return };
    if step == ITEM {
        if value == SAMPLE {
            *value = json!([SAMPLE]);
        }
        if let Some(item) = value.get_mut(0) {
            fill(item, rest);
        }
    } else {
        if value == SAMPLE {
            *value = Value::Object(Map::new());
        }
        if let Some(map) = value.as_object_mut() {
            fill(map.entry(step.clone()).or_insert_with(|| SAMPLE.into()), rest);
        }
    }
}
