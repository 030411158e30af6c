//! What a command needs to know that speaks to the running bot, or looks at its store. It judges no
//! other setting: those are the bot's own business, and it may run with other ones.

use std::{net::SocketAddr, path::Path};

use secrecy::SecretString;

use super::{DEFAULT_STORE, Mistakes, admin_token, listened, sources::look, values::Values};

/// Where the bot is, and what opens its admin API.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where the bot listens.
    pub listen: SocketAddr,
    /// Its store, beside which its admin token lies.
    pub store: String,
    /// The admin token, if it is set.
    pub admin_token: Option<SecretString>,
}

/// As [`super::collect`], of all that can be read; with what cannot be.
pub fn collect_for_client(
    folder: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> (Values, Vec<String>) {
    let (collected, mistakes) = look(folder, environment);
    (collected.values, mistakes)
}

impl Client {
    /// Reads what a command needs.
    pub fn read(values: &Values) -> Result<Client, Mistakes> {
        let mut mistakes = Vec::new();
        let listen = listened(values, &mut mistakes);
        let token = values.get("SWITCHBOARD_ADMIN_TOKEN");
        mistakes.extend(token.and_then(|token| admin_token::mistake(token)));
        match (mistakes.is_empty(), listen) {
            (true, Some(listen)) => Ok(Client {
                listen,
                store: values
                    .get("SWITCHBOARD_STORE")
                    .cloned()
                    .unwrap_or_else(|| DEFAULT_STORE.to_owned()),
                admin_token: token.cloned().map(SecretString::from),
            }),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bots_own_settings_are_not_judged() {
        let values = [
            ("MicrosoftAppId", "nonsense"),
            ("SWITCHBOARD_LISTEN", "0.0.0.0:4000"),
            ("SWITCHBOARD_LOG", "nonsense"),
            ("SWITCHBOARD_ADMIN_TOKEN", "0123456789abcdef"),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert!(super::super::Settings::read(&values).is_err());
        let client = Client::read(&values).expect("enough for a client");
        assert_eq!(client.listen.port(), 4000);
        assert!(client.admin_token.is_some());
        for (name, value) in [("SWITCHBOARD_LISTEN", "nowhere"), ("SWITCHBOARD_ADMIN_TOKEN", " ")] {
            let mut values: Values = values.clone();
            values.insert(name.to_owned(), value.to_owned());
            assert!(Client::read(&values).is_err(), "{name}");
        }
    }
}
