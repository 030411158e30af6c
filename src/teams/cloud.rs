//! The constants of Microsoft's clouds. A setting that overrides one endpoint overwrites one field.

/// Addresses and names that differ between the public cloud, US Government and China.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// OpenID metadata of the Bot Framework: the keys of channel tokens. Spelt without a hyphen,
    /// unlike Entra's.
    pub channel_metadata: String,
    /// `iss` of channel tokens.
    pub channel_issuer: String,
    /// OpenID metadata of Entra: the keys of the tokens that the Emulator and the Playground send.
    pub entra_metadata: String,
    /// Where tokens are bought, without a tenant: `https://login.microsoftonline.com`.
    pub login: String,
    /// The authority of version 1 issuers: `https://sts.windows.net`.
    pub sts: String,
    /// The tenant in which a multi-tenant bot buys its token.
    pub multi_tenant: String,
    /// The scope of a token for the connector.
    pub scope: String,
    /// Tenants that issue the tokens of local clients, besides the bot's own.
    pub local_tenants: Vec<String>,
    /// Connector hosts of this cloud: where Teams and the Bot Framework's other channels let
    /// themselves be answered.
    pub service_hosts: Vec<KnownHost>,
}

/// A host to which the bot's token may go, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHost {
    /// Its name, in lower case.
    pub name: &'static str,
    /// Whether names below it count as well.
    pub reach: Reach,
    /// Where it is written: repository or site, and page.
    pub source: &'static str,
    /// When it was read there.
    pub read: &'static str,
}

/// How much a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This one host: anybody can have a name beside it (Traffic Manager's are sold).
    Exactly,
    /// All hosts below it too: nobody but the operator of the cloud can have one.
    AndBelow,
}

/// Teams' own SDK, in which each cloud lists the hosts that it may answer.
const SDK: &str = "microsoft/teams.ts packages/api/src/auth/cloud-environment.ts at a17a2e3, and the same in microsoft/teams.net";
/// The wider list of an earlier version of that SDK.
const SUFFIXES: &str =
    "microsoft/teams.net ServiceUrlValidator.cs (tests: IsAllowed_AcceptsKnownBotFrameworkDomains)";
/// The proactive addresses of the documentation.
const DOCS: &str = "MicrosoftDocs/msteams-docs: send proactive messages, table of service addresses; microsoft/teams.ts cloud-environment.ts";
const READ: &str = "2026-11-30";

const fn host(name: &'static str, reach: Reach, source: &'static str) -> KnownHost {
    KnownHost { name, reach, source, read: READ }
}

/// The public cloud, and GCC.
const PUBLIC_HOSTS: [KnownHost; 4] = [
    host("smba.trafficmanager.net", Reach::Exactly, DOCS),
    host("smba.onyx.prod.teams.trafficmanager.net", Reach::Exactly, SDK),
    // GCC is `smba.infra.gcc.teams.microsoft.com`.
    host("teams.microsoft.com", Reach::AndBelow, SUFFIXES),
    host("botframework.com", Reach::AndBelow, SUFFIXES),
];
/// GCC High and DoD: `smba.infra.gov.teams.microsoft.us` and `smba.infra.dod.teams.microsoft.us`.
const US_GOVERNMENT_HOSTS: [KnownHost; 2] = [
    host("teams.microsoft.us", Reach::AndBelow, SUFFIXES),
    host("botframework.azure.us", Reach::AndBelow, SUFFIXES),
];
/// 21Vianet. Teams is `frontend.botapi.msg.infra.teams.microsoftonline.cn` there.
const CHINA_HOSTS: [KnownHost; 3] = [
    host("frontend.botapi.msg.infra.teams.microsoftonline.cn", Reach::Exactly, SDK),
    host("teams.microsoftonline.cn", Reach::AndBelow, SUFFIXES),
    host("botframework.azure.cn", Reach::AndBelow, SUFFIXES),
];

impl Cloud {
    /// The cloud that the setting `ChannelService` names: empty for the public one,
    /// `https://botframework.azure.us`,
    /// `https://botframework.azure.cn`. `None` for anything else.
    pub fn named(channel_service: &str) -> Option<Self> {
        match channel_service.trim().trim_end_matches('/') {
            "" => Some(Self::public()),
            "https://botframework.azure.us" => Some(Self::us_government()),
            "https://botframework.azure.cn" => Some(Self::china()),
            _ => None,
        }
    }

    /// The public cloud, also that of GCC tenants (but not GCC High).
    pub fn public() -> Self {
        Self {
            channel_metadata: "https://login.botframework.com/v1/.well-known/openidconfiguration"
                .into(),
            channel_issuer: "https://api.botframework.com".into(),
            entra_metadata:
                "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
                    .into(),
            login: "https://login.microsoftonline.com".into(),
            sts: "https://sts.windows.net".into(),
            multi_tenant: "botframework.com".into(),
            scope: "https://api.botframework.com/.default".into(),
            // The first two belong to the Bot Framework, the third to the Agents SDK.
            local_tenants: [
                "d6d49420-f39b-4df7-a1dc-d59a935871db",
                "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
                "69e9b82d-4842-4902-8d1e-abc5b98a55e8",
            ]
            .map(Into::into)
            .to_vec(),
            service_hosts: PUBLIC_HOSTS.to_vec(),
        }
    }

    /// GCC High and DoD.
    pub fn us_government() -> Self {
        Self {
            channel_metadata: "https://login.botframework.azure.us/v1/.well-known/openidconfiguration".into(),
            channel_issuer: "https://api.botframework.us".into(),
            entra_metadata: "https://login.microsoftonline.us/cab8a31a-1906-4287-a0d8-4eef66b95f6e/v2.0/.well-known/openid-configuration"
                .into(),
            login: "https://login.microsoftonline.us".into(),
            sts: "https://sts.windows.net".into(),
            multi_tenant: "MicrosoftServices.onmicrosoft.us".into(),
            scope: "https://api.botframework.us/.default".into(),
            local_tenants: ["cab8a31a-1906-4287-a0d8-4eef66b95f6e", "f8cdef31-a31e-4b4a-93e4-5f571e91255a"].map(Into::into).to_vec(),
            service_hosts: US_GOVERNMENT_HOSTS.to_vec(),
        }
    }

    /// Operated by 21Vianet.
    pub fn china() -> Self {
        Self {
            channel_metadata: "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration".into(),
            channel_issuer: "https://api.botframework.azure.cn".into(),
            entra_metadata:
                "https://login.partner.microsoftonline.cn/a55a4d5b-9241-49b1-b4ff-befa8db00269/v2.0/.well-known/openid-configuration".into(),
            login: "https://login.partner.microsoftonline.cn".into(),
            sts: "https://sts.chinacloudapi.cn".into(),
            multi_tenant: "microsoftservices.partner.onmschina.cn".into(),
            scope: "https://api.botframework.azure.cn/.default".into(),
            local_tenants: vec!["a55a4d5b-9241-49b1-b4ff-befa8db00269".into()],
            service_hosts: CHINA_HOSTS.to_vec(),
        }
    }

    /// The authority at which the bot buys its token: that of its own tenant, or for a multi-tenant
    /// bot (`None`) the common one. A single-tenant bot that asks at the common one gets
    /// AADSTS700016.
    pub fn authority(&self, tenant: Option<&str>) -> String {
        format!("{}/{}", self.login, tenant.unwrap_or(&self.multi_tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_names_the_cloud() {
        assert_eq!(Cloud::named(""), Some(Cloud::public()));
        assert_eq!(Cloud::named("https://botframework.azure.us/"), Some(Cloud::us_government()));
        assert_eq!(Cloud::named("https://botframework.azure.cn"), Some(Cloud::china()));
        assert_eq!(Cloud::named("https://evil.example"), None);
    }

    #[test]
    fn every_known_host_says_who_says_so_and_when_it_was_read() {
        for cloud in [Cloud::public(), Cloud::us_government(), Cloud::china()] {
            for KnownHost { name, reach, source, read } in cloud.service_hosts {
                assert!(source.starts_with("microsoft/") || source.starts_with("MicrosoftDocs/"));
                assert!(read.parse::<jiff::civil::Date>().is_ok(), "{name}: {read}");
                assert_eq!(name, name.to_ascii_lowercase());
                // Whoever pays has a name there.
                let is_sold = name.ends_with("trafficmanager.net");
                assert!(!is_sold || reach == Reach::Exactly, "{name}");
            }
        }
    }

    #[test]
    fn the_authority_ends_in_the_tenant() {
        assert_eq!(
            Cloud::public().authority(None),
            "https://login.microsoftonline.com/botframework.com"
        );
        assert_eq!(Cloud::public().authority(Some("t-1")), "https://login.microsoftonline.com/t-1");
    }
}
