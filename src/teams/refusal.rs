//! What Entra says when it gives the bot no token: the number behind `AADSTS`, and what it means for
//! whoever sets the bot up.
//!
//! Numbers and meanings are those of Microsoft's reference (MicrosoftDocs/entra-docs,
//! docs/identity-platform/reference-error-codes.md, read 2026-11-30). 900023, 1002012 and 7000229 are missing
//! there; what they say stands in many public logs. Numbers about certificates (700024, 700027) are
//! left out: Entra does not look at the clock of an app that brings a secret.

/// Number, and what it means with the remedy.
const TABLE: [(i64, &str); 18] = [
    (7_000_215, WRONG_SECRET),
    (70_002, WRONG_SECRET),
    (
        7_000_222,
        "the client secret has expired: make a new one under Certificates & secrets of the app registration, set MicrosoftAppPassword to its Value, and restart",
    ),
    (700_016, UNKNOWN_APP),
    (700_011, UNKNOWN_APP),
    (
        7_000_229,
        "the app has no enterprise application (service principal) in that tenant: an administrator makes one with `az ad sp create --id` and the app id",
    ),
    (90_002, NO_TENANT),
    (900_023, NO_TENANT),
    (90_038, OTHER_CLOUD),
    (900_382, OTHER_CLOUD),
    (900_432, OTHER_CLOUD),
    (7_000_112, DISABLED),
    (70_001, DISABLED),
    (
        53_003,
        "a Conditional Access policy blocks the app: let the workload identity in from this machine's address",
    ),
    (
        700_025,
        "the app registration is a public client, which has no secret: switch \"Allow public client flows\" off under Authentication",
    ),
    (70_011, WRONG_SCOPE),
    (1_002_012, WRONG_SCOPE),
    (500_011, WRONG_SCOPE),
];

const WRONG_SECRET: &str = "MicrosoftAppPassword is no secret of this app: copy the Value (not the Secret ID) of a client secret under Certificates & secrets of the app registration; it is shown only when the secret is made";
const SECRET_ID: &str = "MicrosoftAppPassword looks like the Secret ID, and the bot needs the Value beside it under Certificates & secrets of the app registration; it is shown only when the secret is made, so make a new one";
const UNKNOWN_APP: &str = "that tenant has no app with this id: compare MicrosoftAppId and MicrosoftAppTenantId with the Overview of the app registration (Application (client) ID, Directory (tenant) ID); \
     an app of one tenant needs MicrosoftAppTenantId, and MicrosoftAppType must not be MultiTenant";
const NO_TENANT: &str = "there is no such tenant: set MicrosoftAppTenantId to the Directory (tenant) ID of the app registration's Overview; \
     a tenant of GCC High, DoD or 21Vianet needs ChannelService as well";
const OTHER_CLOUD: &str = "the tenant belongs to another of Microsoft's clouds: set ChannelService to https://botframework.azure.us (GCC High, DoD) or https://botframework.azure.cn (21Vianet), or leave it out";
const DISABLED: &str = "the app is disabled in that tenant: switch it on in the Microsoft Entra admin center, under Enterprise applications, Properties (Enabled for users to sign in)";
const WRONG_SCOPE: &str = "the cloud knows no such scope: leave ToChannelFromBotOAuthScope out, and compare ChannelService with the tenant's cloud";

/// What a number means; none when it is not known. `is_id`: the secret that was sent is a GUID, as
/// the ids of secrets are and their values are not.
pub(super) fn meaning(number: i64, is_id: bool) -> Option<&'static str> {
    let (_, meaning) = TABLE.iter().find(|(known, _)| *known == number)?;
    Some(if is_id && *meaning == WRONG_SECRET { SECRET_ID } else { meaning })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_once_and_says_what_to_do() {
        for (index, (number, said)) in TABLE.iter().enumerate() {
            assert!(TABLE[..index].iter().all(|(other, _)| other != number), "{number}");
            assert!(said.contains(": ") || said.contains(", so make"), "{number}: {said}");
        }
    }

    #[test]
    fn the_id_of_a_secret_is_told_from_a_wrong_one() {
        assert!(
            meaning(7_000_215, true).is_some_and(|said| said.contains("looks like the Secret ID"))
        );
        assert!(
            meaning(7_000_215, false).is_some_and(|said| said.contains("is no secret of this app"))
        );
        assert!(meaning(7_000_222, true).is_some_and(|said| said.contains("expired")));
        assert_eq!(meaning(1, false), None);
    }
}
