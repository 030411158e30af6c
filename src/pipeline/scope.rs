//! The variables: what texts, cards and conditions can name, and the same flat for the API.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{
    directory::{Directory, Look, Tenant},
    language::{self, text::Variables},
};
use crate::model::{
    Guest, Hop, Metadata, Session, State, TenantId,
    locale::speaks_to,
    session::keys,
    words::{HIDDEN, clean},
};

/// Every fixed variable. `Data.*` comes on top: whatever some stage of the company can set.
pub const NAMES: &[&str] = &[
    "Guest.Id",
    "Guest.AadObjectId",
    "Guest.Name",
    "Guest.GivenName",
    "Guest.Surname",
    "Guest.Email",
    "Guest.UserPrincipalName",
    "Guest.Locale",
    "Guest.Country",
    "Guest.Timezone",
    "Guest.Platform",
    "Guest.ChannelId",
    "Guest.Question",
    "Guest.IsNew",
    "Session.SessionId",
    "Session.Ref",
    "Session.JourneyId",
    "Session.OriginSessionId",
    "Session.Hop",
    "Session.Turns",
    "Session.TenantId",
    "Session.State",
    "Session.StartedUtc",
    "Session.EndedUtc",
    keys::RESOLVED,
    keys::NOTES,
    keys::RESOLVED_BY,
    keys::RESOLVED_BY_ID,
    keys::RESOLVED_BY_NAME,
    keys::FROM_SESSION,
    keys::FROM_TENANT,
    keys::FROM_NAME,
    keys::TO_SESSION,
    keys::TO_TENANT,
    keys::TO_NAME,
    "Session.Transfers",
    "Session.Rating",
    "Session.RatingComment",
    "Tenant.Id",
    "Tenant.Name",
    "Tenant.Icon",
    "Tenant.Picture",
    "Tenant.Accent",
    "Company.Name",
    "Agent.Id",
    "Agent.Name",
    "Agent.Upn",
    "Hours.Open",
    "Hours.NextOpen",
    keys::ERROR,
    keys::MESSAGE,
    "Queue.Position",
    "Queue.EstimateMinutes",
];

/// What a scope is made from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The company.
    pub directory: &'a Directory,
    /// The session's tenant, when it still exists.
    pub tenant: Option<&'a Tenant>,
    /// The session.
    pub session: &'a Session,
    /// The guest.
    pub guest: &'a Guest,
    /// The hops that the session may speak of.
    pub hops: &'a [Hop],
    /// The instant.
    pub now: Timestamp,
}

/// The variables of a session as nested objects, what is private among them: for conditions, and
/// to make something of that stays private. Fixed names are always there (empty while unknown); of
/// `Data` only what is set.
pub fn scope(view: View<'_>) -> Value {
    let View { directory, tenant, session, guest, hops, now } = view;
    let text = |value: &Option<String>| {
        Value::String(clean(value.as_deref().unwrap_or_default()).into_owned())
    };
    let locale = speaks_to(guest, tenant.map_or(&directory.locale, |tenant| &tenant.locale));
    let hours_of = session.hours_of.as_ref().and_then(|id| directory.tenant(id)).or(tenant);
    let (open, next) = hours(hours_of, now, locale, guest.zone().as_ref());
    let look = tenant.map_or_else(|| Look::built_in(&session.tenant), |tenant| tenant.look.clone());
    let mut root = json!({
        "Guest": {
            "Id": clean(&guest.id), "AadObjectId": text(&guest.aad_object_id), "Name": text(&guest.name),
            "GivenName": clean(guest.called().unwrap_or_default()), "Surname": text(&guest.surname), "Email": text(&guest.email),
            "UserPrincipalName": text(&guest.user_principal_name), "Locale": text(&guest.locale), "Country": text(&guest.country),
            "Timezone": text(&guest.timezone), "Platform": text(&guest.platform), "ChannelId": clean(&guest.channel_id),
            "Question": "", "IsNew": false,
        },
        "Session": {
            "SessionId": session.id, "Ref": session.reference, "JourneyId": session.journey, "OriginSessionId": session.origin,
            "Hop": session.hop, "Turns": session.turns, "TenantId": session.tenant.as_str(), "State": session.state.name(),
            "StartedUtc": session.started, "EndedUtc": session.ended.map(|at| at.to_string()).unwrap_or_default(),
            "Status": {
                "IsResolved": session.state == State::Resolved, "ResolutionNotes": "", "ResolvedBy": "", "ResolvedByAgentId": "", "ResolvedByAgentName": "",
            },
            "TransferredFrom": { "SessionId": "", "TenantId": "", "TenantName": "" },
            "TransferredTo": { "SessionId": "", "TenantId": "", "TenantName": "" },
            "Transfers": hops.iter().map(transfer).collect::<Vec<_>>(),
            "Rating": "", "RatingComment": "",
        },
        "Tenant": {
            "Id": session.tenant.as_str(), "Name": tenant.map_or(session.tenant_name.as_str(), Tenant::own_name),
            "Icon": look.icon, "Picture": look.picture, "Accent": look.accent,
        },
        "Company": { "Name": directory.company },
        "Agent": { "Id": "", "Name": "", "Upn": "" },
        "Data": {},
        "Hours": { "Open": open, "NextOpen": next },
        "Transfer": { "Error": "", "Message": "" },
        "Queue": { "Position": "", "EstimateMinutes": "" },
    });
    if let Value::Object(map) = &mut root {
        for (key, entry) in session.metadata.iter() {
            put(map, key, cleaned(&entry.value));
        }
    }
    root
}

/// The variables as texts and cards show them: dates and decimal numbers as the locale writes them,
/// and an empty value for every `Data` key that some stage can set, so that a card's strict mode
/// knows it.
pub fn with_unset(mut scope: Value, directory: &Directory, locale: &str) -> Value {
    if let Value::Object(map) = &mut scope {
        call(map, directory, locale);
        for key in directory.data_keys() {
            match find(map, key) {
                // A truth stays one: texts and cards decide by it.
                Some(Value::Bool(_)) => {}
                Some(value) => {
                    if let Some(shown) = language::value(value, directory.is_date(key), locale) {
                        *value = Value::String(shown);
                    }
                }
                None => put(map, key, Value::String(String::new())),
            }
        }
    }
    scope
}

/// Departments are called as they are in the reader's language.
fn call(map: &mut Map<String, Value>, directory: &Directory, locale: &str) {
    for (id, name) in [
        ("Tenant.Id", "Tenant.Name"),
        ("Session.TransferredFrom.TenantId", keys::FROM_NAME),
        ("Session.TransferredTo.TenantId", keys::TO_NAME),
    ] {
        let id = find(map, id).and_then(|id| id.as_str().map(TenantId::from));
        let tenant = id.and_then(|id| directory.tenant(&id));
        if let (Some(tenant), Some(name)) = (tenant, find(map, name)) {
            *name = Value::from(clean(tenant.called_in(locale)).into_owned());
        }
    }
}

/// The variables for texts, as [`with_unset`] shows them.
pub fn shown(view: View<'_>, locale: &str) -> Variables {
    both(with_unset(scope(view), view.directory, locale), &view.session.metadata)
}

/// The variables for other systems, which do not read dates as the guest's country writes them: as
/// they are stored.
pub fn stored(view: View<'_>) -> Variables {
    both(scope(view), &view.session.metadata)
}

fn both(real: Value, metadata: &Metadata) -> Variables {
    let mut hidden = real.clone();
    let is_private = !withhold(&mut hidden, metadata).is_empty();
    Variables::new(real, is_private.then_some(hidden))
}

/// Takes what is private out of a scope: [`HIDDEN`] stands there instead. Answers with the values
/// and their keys.
pub fn withhold(scope: &mut Value, metadata: &Metadata) -> Vec<(String, Value)> {
    let Value::Object(map) = scope else { return Vec::new() };
    let take = |key: &str| {
        let value = find(map, key)?;
        let is_there = !matches!(value, Value::Null) && value.as_str() != Some("");
        is_there.then(|| (key.to_owned(), std::mem::replace(value, Value::from(HIDDEN))))
    };
    metadata.private_keys().filter_map(take).collect()
}

/// The same flat, as everybody may see it: one dotted key per value; what is empty is left out, of
/// what is private only that it is there. Lists stay lists.
pub fn flat(view: View<'_>) -> Map<String, Value> {
    fn add(prefix: &str, value: Value, out: &mut Map<String, Value>) {
        match value {
            Value::Object(map) => {
                map.into_iter().for_each(|(key, value)| add(&format!("{prefix}.{key}"), value, out))
            }
            Value::String(text) if text.is_empty() => {}
            Value::Null => {}
            Value::Array(items) if items.is_empty() => {}
            value => {
                out.insert(prefix.to_owned(), value);
            }
        }
    }
    let mut out = Map::new();
    let mut open = scope(view);
    withhold(&mut open, &view.session.metadata);
    // How its cards look is nothing to know of a session.
    for key in ["Icon", "Picture", "Accent"] {
        open["Tenant"][key] = Value::Null;
    }
    if let Value::Object(map) = open {
        for (key, value) in map {
            if !matches!(key.as_str(), "Hours" | "Queue") {
                add(&key, value, &mut out);
            }
        }
    }
    out
}

/// Open now, and when next, in words of the locale ("Monday 08:00") and on the clock of whoever
/// reads it, else the department's; empty while open or never.
pub fn hours(
    tenant: Option<&Tenant>,
    now: Timestamp,
    locale: &str,
    reader: Option<&TimeZone>,
) -> (bool, String) {
    let Some(hours) = tenant.and_then(|tenant| tenant.hours.as_ref()) else {
        return (true, String::new());
    };
    if hours.is_open(now) {
        return (true, String::new());
    }
    (
        false,
        hours
            .next_open(now)
            .map(|at| language::moment_for(locale, at, now, (&hours.zone, reader)))
            .unwrap_or_default(),
    )
}

fn transfer(hop: &Hop) -> Value {
    json!({ "hop": hop.hop, "from": hop.from, "to": hop.to, "at": hop.at, "by": hop.by, "reason": hop.reason })
}

fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(text).into_owned()),
        Value::Array(items) => Value::Array(items.iter().map(cleaned).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), cleaned(value))).collect())
        }
        other => other.clone(),
    }
}

fn put(map: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            map.insert(key.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = map.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn find<'m>(map: &'m mut Map<String, Value>, key: &str) -> Option<&'m mut Value> {
    match key.split_once('.') {
        None => map.get_mut(key),
        Some((first, rest)) => match map.get_mut(first) {
            Some(Value::Object(inner)) => find(inner, rest),
            _ => None,
        },
    }
}
