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
    /// Connector domains of this cloud besides the ones that [`super::hosts`] always knows;
    /// subdomains count too, so that nobody but Microsoft may be able to own one.
    pub service_hosts: Vec<String>,
}

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
            service_hosts: Vec::new(),
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
            service_hosts: vec!["botframework.azure.us".into()],
        }
    }

    /// Operated by 21Vianet. Which host Teams calls itself there is not verified: list it in the
    /// settings.
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
            service_hosts: vec!["botframework.azure.cn".into()],
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
    fn the_authority_ends_in_the_tenant() {
        assert_eq!(
            Cloud::public().authority(None),
            "https://login.microsoftonline.com/botframework.com"
        );
        assert_eq!(Cloud::public().authority(Some("t-1")), "https://login.microsoftonline.com/t-1");
    }
}
