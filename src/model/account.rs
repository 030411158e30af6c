//! Who a channel knows, and what is needed to write to them.

use serde::{Deserialize, Serialize};

/// An account as the channel writes it. Ids are opaque.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The channel's id of the account.
    pub id: String,
    /// The display name, often missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The Entra object id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aad_object_id: Option<String>,
}

/// What is needed to write to the conversation at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The connector's address, allow-listed before it is stored.
    pub service_url: String,
    /// The bot's account here.
    pub bot: Account,
    /// The guest's account here.
    pub user: Account,
    /// The Microsoft 365 tenant.
    pub entra_tenant: Option<String>,
}
