//! `events:` of company.yaml: who hears of what becomes of sessions, such as a ticket system.

use super::words::version_of;
use crate::{
    model::TenantId,
    pipeline::outside::{env, host_of},
    source::{At, Node, NodeKind, Problems, did_you_mean},
};

/// The events that can be asked for.
pub const EVENTS: [&str; 7] = [
    "session.started",
    "session.waiting_for_agent",
    "session.with_agent",
    "session.transferred",
    "session.resolved",
    "session.unresolved",
    "session.abandoned",
];

/// Who hears of events.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Where they are posted, complete.
    pub url: String,
    /// The environment variable that holds the secret with which they are signed, and where it is
    /// named.
    pub secret: At<String>,
    /// Which ones; all when empty.
    pub on: Vec<&'static str>,
    /// Of which tenants; all when empty.
    pub tenants: Vec<TenantId>,
    /// What its queues are called: after the address, not after its place in the file, so that the
    /// order outlasts an edit.
    pub name: String,
}

impl Endpoint {
    /// True when it wants to hear of that event of that tenant.
    pub fn wants(&self, event: &str, tenant: &TenantId) -> bool {
        (self.on.is_empty() || self.on.contains(&event))
            && (self.tenants.is_empty() || self.tenants.contains(tenant))
    }

    /// True when it may read what is confidential in that tenant: only one that names it.
    pub fn names(&self, tenant: &TenantId) -> bool {
        self.tenants.contains(tenant)
    }
}

/// Endpoints, and what must be checked when the whole company was read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) endpoints: Vec<Endpoint>,
    /// The hosts, with their places.
    pub(super) hosts: Vec<At<String>>,
    /// The tenants, with their places.
    pub(super) ids: Vec<At<String>>,
}

/// Reads the list.
pub(super) fn read(node: &Node, problems: &Problems) -> Read {
    let mut all = Read::default();
    for item in node.list(problems, "`events`").unwrap_or_default() {
        let Some(fields) = item.fields(problems, "an entry of `events`") else { continue };
        let url = fields.require_text("url");
        let secret = fields.require("secret").and_then(|node| secret(node, problems));
        let on =
            fields.texts("on").into_iter().filter_map(|event| known(&event, problems)).collect();
        let tenants = fields.texts("tenants");
        for (key, node) in fields.pairs() {
            if matches!(key.value.as_str(), "on" | "tenants")
                && matches!(&node.kind, NodeKind::List(items) if items.is_empty())
            {
                problems.error(
                    &node.place,
                    format!("`{}` is empty: nothing would ever be sent", key.value),
                    format!("leave `{}` out to hear of all", key.value),
                );
            }
        }
        let host = url.as_ref().and_then(|url| {
            if url.value.contains("{{") {
                problems.error(
                    &url.place,
                    "nothing can be filled in here",
                    "write the address as it is; what happened is in the body",
                );
                return None;
            }
            host_of(url, problems)
        });
        fields.finish();
        all.hosts.extend(host);
        let ids = tenants.iter().map(|id| TenantId::from(&id.value)).collect();
        all.ids.extend(tenants);
        if let (Some(url), Some(secret)) = (url, secret) {
            let url = url.value.trim().to_owned();
            let name = version_of(&url);
            all.endpoints.push(Endpoint { url, secret, on, tenants: ids, name });
        }
    }
    all
}

/// `{ env: NAME }`. What is written instead is never repeated.
fn secret(node: &Node, problems: &Problems) -> Option<At<String>> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        problems.error(
            &node.place,
            "a secret does not belong in a file",
            "write `secret: { env: SWITCHBOARD_HOOK_SECRET }`, and set that environment variable",
        );
        return None;
    }
    env(node, "`secret`", "SWITCHBOARD_HOOK_SECRET", problems)
}

fn known(event: &At<String>, problems: &Problems) -> Option<&'static str> {
    let found = EVENTS.into_iter().find(|known| *known == event.value);
    if found.is_none() {
        let hint = did_you_mean(&event.value, EVENTS.into_iter());
        problems.error(
            &event.place,
            format!("there is no event `{}`", event.value),
            format!("the events are: {}{hint}", EVENTS.join(", ")),
        );
    }
    found
}
