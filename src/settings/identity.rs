//! Who the bot is at Microsoft.

use secrecy::SecretString;
use uuid::Uuid;

use super::values::Values;

/// The bot's identity.
#[derive(Debug, Clone)]
pub struct AppIdentity {
    /// The app id, a GUID.
    pub id: String,
    /// The client secret.
    pub secret: SecretString,
    /// True for `SingleTenant`: tokens come from the own tenant.
    pub single_tenant: bool,
    /// The Microsoft 365 tenant, a GUID.
    pub tenant: Option<String>,
}

/// From either family of names.
pub(super) fn read(
    values: &Values,
    mistakes: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> Option<AppIdentity> {
    let mut get = |name: &'static str, other: &'static str| {
        let (own, also) = (values.get(name), values.get(other));
        if own.is_some() && also.is_some() && own != also {
            notes.push(format!("{other} has no effect: {name} is set as well, and goes first"));
        }
        own.or(also).cloned().map(|value| (if own.is_some() { name } else { other }, value))
    };
    let id = get("MicrosoftAppId", "CLIENT_ID");
    let secret = get("MicrosoftAppPassword", "CLIENT_SECRET");
    let tenant = get("MicrosoftAppTenantId", "TENANT_ID");
    let kind = values.get("MicrosoftAppType").map(String::as_str);
    let single_tenant = single(kind, tenant.is_some(), mistakes);
    match (id, secret) {
        (None, None) => {
            for name in ["MicrosoftAppType", "MicrosoftAppTenantId", "TENANT_ID"] {
                if values.contains_key(name) {
                    notes.push(format!("{name} has no effect without MicrosoftAppId"));
                }
            }
            None
        }
        (None, Some(_)) => {
            mistakes.push(
                "MicrosoftAppPassword is set without MicrosoftAppId: set both or none".to_owned(),
            );
            None
        }
        (Some(_), None) => {
            mistakes.push("MicrosoftAppId is set without MicrosoftAppPassword: set the client secret, or neither for local use".to_owned());
            None
        }
        (Some((name, id)), Some((_, secret))) => {
            if !is_guid(&id) {
                mistakes.push(no_app_id(name, &id));
            }
            match &tenant {
                Some((name, tenant)) if !is_guid(tenant) => {
                    mistakes.push(no_tenant_id(name, tenant, values.get("ChannelService")));
                }
                None if single_tenant => mistakes.push(
                    "MicrosoftAppType SingleTenant needs MicrosoftAppTenantId: set it to your Microsoft 365 tenant's id".to_owned(),
                ),
                _ => {}
            }
            if kind.is_none() {
                notes.push(assumed(tenant.is_some()).to_owned());
            }
            let tenant = tenant.map(|(_, tenant)| tenant);
            Some(AppIdentity { id, secret: secret.into(), single_tenant, tenant })
        }
    }
}

/// True for an app of one tenant.
fn single(kind: Option<&str>, has_tenant: bool, mistakes: &mut Vec<String>) -> bool {
    match kind {
        None => has_tenant,
        Some(kind) if kind.eq_ignore_ascii_case("SingleTenant") => true,
        Some(kind) if kind.eq_ignore_ascii_case("MultiTenant") => false,
        Some(kind) if kind.eq_ignore_ascii_case("UserAssignedMSI") => {
            mistakes.push(
                "MicrosoftAppType UserAssignedMSI is not supported by this version: use SingleTenant with MicrosoftAppPassword"
                    .to_owned(),
            );
            false
        }
        Some(kind) => {
            mistakes.push(format!(
                "MicrosoftAppType cannot be `{kind}`: write SingleTenant or MultiTenant"
            ));
            false
        }
    }
}

/// What is taken for granted where MicrosoftAppType is not set.
fn assumed(has_tenant: bool) -> &'static str {
    if has_tenant {
        "MicrosoftAppType is not set: SingleTenant is assumed, because MicrosoftAppTenantId is set"
    } else {
        "neither MicrosoftAppType nor MicrosoftAppTenantId is set: MultiTenant is assumed; \
         an app of one tenant, as Azure makes them since July 2025, needs MicrosoftAppTenantId"
    }
}

/// True for a GUID as Azure shows it: `11111111-2222-3333-4444-555555555555`.
fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok_and(|id| !id.is_nil())
}

fn no_app_id(name: &str, given: &str) -> String {
    let what = if given.contains("://") {
        "that is an address"
    } else if given.contains('@') || given.contains('.') {
        "that is a name"
    } else {
        "that is no GUID"
    };
    format!(
        "{name} cannot be `{given}`: {what}. Write the Application (client) ID that the app registration's Overview shows, \
         such as 11111111-2222-3333-4444-555555555555"
    )
}

/// A domain names a tenant as well, but tokens and people bring its id, and that is what is compared.
fn no_tenant_id(name: &str, given: &str, cloud: Option<&String>) -> String {
    let is_domain = given.contains('.') && !given.contains(['/', '@', ' ']);
    if !is_domain {
        return format!(
            "{name} cannot be `{given}`: that is no GUID. Write the Tenant ID that the Overview in the Microsoft Entra admin center shows"
        );
    }
    let login = match cloud.map(String::as_str).unwrap_or_default().trim_end_matches('/') {
        cloud if cloud.ends_with(".us") => "https://login.microsoftonline.us",
        cloud if cloud.ends_with(".cn") => "https://login.partner.microsoftonline.cn",
        _ => "https://login.microsoftonline.com",
    };
    format!(
        "{name} cannot be `{given}`: that is a domain name, and people are known by their tenant's id. Write the Tenant ID that the Overview \
         in the Microsoft Entra admin center shows; it also stands in `issuer` of {login}/{given}/v2.0/.well-known/openid-configuration"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_one_as_azure_shows_it() {
        assert!(is_guid("11111111-2222-3333-4444-555555555555"));
        assert!(is_guid("ABCDEF01-2345-6789-ABCD-EF0123456789"));
        for text in [
            "",
            "contoso.com",
            "11111111222233334444555555555555",
            "{11111111-2222-3333-4444-555555555555}",
            "11111111-2222-3333-4444-55555555555",
            "11111111-2222-3333-4444-55555555555g",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert!(!is_guid(text), "{text}");
        }
    }

    #[test]
    fn a_tenants_id_is_looked_up_where_its_cloud_is() {
        let at = |cloud: Option<&str>| {
            no_tenant_id("TENANT_ID", "contoso.com", cloud.map(str::to_owned).as_ref())
        };
        assert!(at(None).contains(" https://login.microsoftonline.com/contoso.com/v2.0/"));
        assert!(
            at(Some("https://botframework.azure.us/"))
                .contains("https://login.microsoftonline.us/")
        );
        assert!(at(Some("https://botframework.azure.cn")).contains("https://login.partner."));
        assert!(!no_tenant_id("TENANT_ID", "common", None).contains("domain"));
    }
}
