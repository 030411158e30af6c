//! Which service URLs may be answered, and from where files may be fetched. An answer carries the
//! bot's bearer token: a URL that an attacker chose would hand it over, or make us knock at
//! addresses inside the company.

use url::{Host, Url};

use super::cloud::{KnownHost, Reach};

/// Hosts from which Teams lets files be fetched without a token; subdomains count too. SharePoint
/// of the public cloud, GCC High, DoD and 21Vianet, and the service behind its download addresses.
const FILES: [&str; 4] = ["sharepoint.com", "sharepoint.us", "sharepoint.cn", "svc.ms"];

/// The allow-list: the connector's hosts of one cloud and what the settings add.
#[derive(Debug, Clone, Default)]
pub struct ServiceHosts {
    known: Vec<KnownHost>,
    extras: Vec<(String, Option<u16>)>,
    any_loopback: bool,
}

impl ServiceHosts {
    /// `known` are the connector's hosts (see [`super::cloud::Cloud::service_hosts`]); `extras` are exact hosts of the settings, as `host`
    /// or `host:port` (`[::1]:port`), lower or upper case; `any_loopback` admits every loopback
    /// host, which only a bot without an app id does: it has no token to lose.
    pub fn new(known: &[KnownHost], extras: &[String], any_loopback: bool) -> Self {
        let read = |extra: &String| {
            let host = host_and_port(extra);
            if host.is_none() && !extra.trim().is_empty() {
                tracing::warn!(
                    host = extra,
                    "not a host or host:port, left out of the allowed service hosts"
                );
            }
            host
        };
        Self {
            known: known.to_vec(),
            extras: extras.iter().filter_map(read).collect(),
            any_loopback,
        }
    }

    /// True when answers may go to `service_url`.
    ///
    /// A Microsoft host or an extra one wants https and its port: 443, or the one that was listed.
    /// A loopback host may be plain http; on one that was listed without a port every port is fine,
    /// because local clients choose theirs freely.
    pub fn allows(&self, service_url: &str) -> bool {
        plain(service_url).is_some_and(|url| self.admits(&url, |_| false))
    }

    /// True when a picture may be fetched from `url` with the bot's token: it lies on the
    /// connector, and where pictures lie, which is `…/v3/attachments/{id}/views/{view}` (Bot
    /// Connector REST API; seen in BotFramework-Services#102 and #358). With the token everything
    /// else there could be read as well, such as the members of other conversations.
    pub fn allows_picture(&self, url: &str) -> bool {
        let is_picture = |url: &Url| {
            let parts: Vec<&str> = url.path_segments().into_iter().flatten().collect();
            // What is encoded could mean another path to whoever decodes it.
            matches!(parts.as_slice(), [.., "v3", "attachments", id, "views", view] if !id.contains('%') && !view.contains('%'))
        };
        bare(url).is_some_and(|url| is_picture(&url) && self.admits(&url, |_| false))
    }

    /// True when a file may be fetched from `url` without a token.
    pub fn allows_file(&self, url: &str) -> bool {
        bare(url).is_some_and(|url| {
            self.admits(&url, |name| FILES.into_iter().any(|suffix| is_under(name, suffix)))
        })
    }

    fn admits(&self, url: &Url, further: impl Fn(&str) -> bool) -> bool {
        let Some(host) = url.host() else { return false };
        let name = host.to_string();
        let listed =
            |port: Option<u16>| self.extras.iter().any(|(extra, at)| *extra == name && *at == port);
        if is_loopback(&host) {
            return self.any_loopback || listed(None) || listed(url.port_or_known_default());
        }
        if url.scheme() != "https" {
            return false;
        }
        match url.port() {
            None => {
                listed(None)
                    || listed(Some(443))
                    || (matches!(host, Host::Domain(_))
                        && (self.is_connector(&name) || further(&name)))
            }
            Some(port) => listed(Some(port)),
        }
    }

    fn is_connector(&self, name: &str) -> bool {
        self.known.iter().any(|known| match known.reach {
            Reach::Exactly => name == known.name,
            Reach::AndBelow => is_under(name, known.name),
        })
    }
}

/// Matches on a label boundary: `evil-botframework.com` is somebody else's.
fn is_under(name: &str, suffix: &str) -> bool {
    name == suffix || name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'))
}

/// True when tokens and keys may be fetched from `url`: over https, or over http from this very
/// machine.
pub fn is_https_or_loopback(url: &str) -> bool {
    plain(url).is_some_and(|url| {
        url.scheme() == "https" || url.host().is_some_and(|host| is_loopback(&host))
    })
}

/// The URL, if it is an absolute http(s) one without anything that two readers could read
/// differently: user names (`https://smba…@evil`), white space and backslashes (which parsers drop
/// or turn), characters outside ASCII (look-alikes), a query or a fragment (which would swallow the
/// path that we append).
fn plain(text: &str) -> Option<Url> {
    bare(text).filter(|url| url.query().is_none())
}

/// The same, with a query or without.
fn bare(text: &str) -> Option<Url> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return None;
    }
    // "https:host" and "https:///host" parse as "https://host"; nobody honest writes them.
    let (_, rest) = text.split_once("://")?;
    if rest.starts_with('/') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && !rest.split(['/', '?']).next()?.contains('@');
    (matches!(url.scheme(), "http" | "https") && bare && url.fragment().is_none()).then_some(url)
}

/// True of a host on this machine.
pub(crate) fn is_loopback<T: AsRef<str>>(host: &Host<T>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Reads `host` or `host:port` with the same parser that reads the service URLs, so that `127.1`
/// and `127.0.0.1` are one host.
fn host_and_port(extra: &str) -> Option<(String, Option<u16>)> {
    let extra = extra.trim();
    let url = plain(&format!("https://{extra}"))?;
    if url.path() != "/" || extra.ends_with('/') {
        return None;
    }
    // The parser drops the port that is the default anyway; written down, it is still a wish for
    // exactly that port.
    let port = url.port().or_else(|| extra.ends_with(":443").then_some(443));
    Some((url.host()?.to_string(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::teams::cloud::Cloud;

    fn hosts(extras: &[&str]) -> ServiceHosts {
        hosts_of(&Cloud::public(), extras)
    }

    fn hosts_of(cloud: &Cloud, extras: &[&str]) -> ServiceHosts {
        ServiceHosts::new(
            &cloud.service_hosts,
            &extras.iter().map(ToString::to_string).collect::<Vec<_>>(),
            false,
        )
    }

    #[test]
    fn microsofts_hosts_are_allowed() {
        for url in [
            "https://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net/emea",
            "https://SMBA.TrafficManager.NET/teams/",
            "https://smba.trafficmanager.net:443/teams/",
            "https://smba.onyx.prod.teams.trafficmanager.net/emea/",
            "https://smba.infra.gcc.teams.microsoft.com/teams",
            "https://directline.botframework.com/",
            "https://botframework.com",
        ] {
            assert!(hosts(&[]).allows(url), "{url}");
        }
    }

    #[test]
    fn every_cloud_has_its_own_hosts_and_no_others() {
        let clouds = [Cloud::public(), Cloud::us_government(), Cloud::china()];
        for (own, url) in [
            (0, "https://smba.trafficmanager.net/emea/"),
            (0, "https://smba.infra.gcc.teams.microsoft.com/teams"),
            (0, "https://webchat.botframework.com/"),
            (1, "https://smba.infra.gov.teams.microsoft.us/teams"),
            (1, "https://smba.infra.dod.teams.microsoft.us/teams"),
            (1, "https://directline.botframework.azure.us"),
            (2, "https://frontend.botapi.msg.infra.teams.microsoftonline.cn"),
            (2, "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/emea/"),
            (2, "https://msteams.botframework.azure.cn/teams"),
            (3, "https://smba.trafficmanager.cn/teams"),
            (3, "https://microsoftonline.cn/"),
            (3, "https://evilteams.microsoftonline.cn/"),
            (3, "https://x.smba.trafficmanager.net/"),
            (3, "https://x.smba.onyx.prod.teams.trafficmanager.net/"),
            (3, "https://teams.microsoft.com.trafficmanager.net/"),
        ] {
            for (at, cloud) in clouds.iter().enumerate() {
                assert_eq!(hosts_of(cloud, &[]).allows(url), at == own, "{url} in cloud {at}");
            }
        }
    }

    #[test]
    fn everything_that_only_looks_like_it_is_refused() {
        for url in [
            "",
            "smba.trafficmanager.net/teams/",
            "http://smba.trafficmanager.net/teams/",
            "ftp://smba.trafficmanager.net/",
            "https:smba.trafficmanager.net",
            "https:///smba.trafficmanager.net/",
            "https://smba.trafficmanager.net@evil.example/",
            "https://smba.trafficmanager.net:x@evil.example/",
            "https://user@smba.trafficmanager.net/",
            "https://@smba.trafficmanager.net/",
            "https://evil.example/smba.trafficmanager.net",
            "https://evil.example#.botframework.com",
            "https://evil.example?.botframework.com",
            "https://evil.example\\.botframework.com",
            "https://evil.example\\@botframework.com",
            "https://evil-botframework.com/",
            "https://botframework.com.evil.example/",
            "https://botframework.com./",
            "https://xbotframework.com",
            "https://trafficmanager.net/",
            "https://evil.trafficmanager.net/",
            "https://smba.trafficmanager.net:8443/teams/",
            "https://smba.trafficmanager.net/teams/?x=",
            "https://smba.trafficmanager.net/teams/#x",
            "https://smba.traf\u{fb01}cmanager.net/",
            "https://b\u{43e}tframework.com/",
            "https://botframework\u{3002}com/",
            " https://botframework.com/",
            "https://botframe\twork.com/",
            "https://169.254.169.254/metadata",
            "https://10.0.0.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://graph.microsoft.com/",
        ] {
            assert!(!hosts(&[]).allows(url), "{url}");
            assert!(!ServiceHosts::new(&[], &[], true).allows(url), "{url}");
        }
    }

    #[test]
    fn loopback_needs_no_app_id_or_a_listing() {
        let urls = [
            "http://localhost:56150/_connector",
            "https://localhost/",
            "http://127.0.0.1:9002",
            "http://127.8.9.1:1/",
            "http://[::1]:3978/",
            "http://0x7f.1/",
        ];
        for url in urls {
            assert!(!hosts(&[]).allows(url), "{url}");
            assert!(ServiceHosts::new(&[], &[], true).allows(url), "{url}");
        }
        for url in [
            "http://localhost.:1/",
            "http://evil.localhost/",
            "http://localhost.evil.example/",
            "http://0.0.0.0:1/",
            "http://127.0.0.1.evil.example/",
        ] {
            assert!(!ServiceHosts::new(&[], &[], true).allows(url), "{url}");
        }
        assert!(hosts(&["localhost"]).allows("http://localhost:56150/_connector"));
        assert!(!hosts(&["localhost"]).allows("http://127.0.0.1:56150/_connector"));
        assert!(hosts(&["127.0.0.1:9002"]).allows("http://127.0.0.1:9002"));
        assert!(!hosts(&["127.0.0.1:9002"]).allows("http://127.0.0.1:9003"));
        assert!(hosts(&["[::1]:9002"]).allows("http://[::1]:9002/x"));
    }

    #[test]
    fn listed_hosts_are_exact_and_want_https() {
        let hosts = hosts(&[
            "Relay.Contoso.example",
            "proxy.contoso.example:8443",
            "https://nonsense",
            "a/b",
            "",
        ]);
        assert!(hosts.allows("https://relay.contoso.example/teams"));
        assert!(!hosts.allows("http://relay.contoso.example/teams"));
        assert!(!hosts.allows("https://x.relay.contoso.example/teams"));
        assert!(!hosts.allows("https://relay.contoso.example:8443/teams"));
        assert!(hosts.allows("https://proxy.contoso.example:8443/"));
        assert!(!hosts.allows("https://proxy.contoso.example/"));
        assert!(!hosts.allows("https://nonsense/"));
    }

    #[test]
    fn files_come_from_sharepoint_and_pictures_from_the_connector() {
        let hosts = hosts(&["relay.contoso.example"]);
        for url in [
            "https://contoso-my.sharepoint.com/personal/kim/_layouts/15/download.aspx?UniqueId=1&tempauth=a.b-c_d",
            "https://contoso.sharepoint.us/d?x=1",
            "https://contoso.sharepoint.cn/d",
            "https://westeurope1-mediap.svc.ms/transform/thumbnail?x=@y",
        ] {
            assert!(hosts.allows_file(url), "{url}");
            assert!(!hosts.allows_picture(url) && !hosts.allows(url), "no token goes to {url}");
        }
        for url in [
            "https://smba.trafficmanager.net/emea/v3/attachments/0-weu/views/original?x=1",
            "https://relay.contoso.example/v3/attachments/1/views/imgo",
        ] {
            assert!(hosts.allows_picture(url) && hosts.allows_file(url), "{url}");
        }
        for url in [
            "https://smba.trafficmanager.net/emea/v3/conversations/a:1/members",
            "https://smba.trafficmanager.net/emea/v3/attachments/1/views/../../../conversations",
            "https://smba.trafficmanager.net/emea/v3/attachments/1/views/%2e%2e/%2E%2e/x",
            "https://smba.trafficmanager.net/emea?x=/v3/attachments/1/views/original",
        ] {
            assert!(
                !hosts.allows_picture(url),
                "nothing but pictures is read with the token: {url}"
            );
        }
        for url in [
            "http://contoso.sharepoint.com/d",
            "https://contoso.sharepoint.com:8443/d",
            "https://evilsharepoint.com/d",
            "https://sharepoint.com.evil.example/d",
            "https://contoso.sharepoint.com@evil.example/d",
            "https://evil.example?.sharepoint.com",
            "https://evil.example/?u=https://contoso.sharepoint.com",
            "https://contoso.sharepoint.com/d#x",
            "https://10.0.0.1/d",
            "https://169.254.169.254/latest",
            "http://127.0.0.1:9002/d",
            "ftp://contoso.sharepoint.com/d",
            "",
        ] {
            assert!(!hosts.allows_file(url) && !hosts.allows_picture(url), "{url}");
        }
        let local = ServiceHosts::new(&[], &[], true);
        assert!(
            local.allows_file("http://127.0.0.1:9002/d?x=1")
                && local.allows_picture("http://localhost:9002/v3/attachments/1/views/original")
        );
    }

    #[test]
    fn keys_come_over_https_or_from_here() {
        assert!(is_https_or_loopback("https://login.botframework.com/v1/.well-known/keys"));
        assert!(is_https_or_loopback("http://127.0.0.1:8080/keys"));
        assert!(!is_https_or_loopback("http://login.botframework.com/v1/.well-known/keys"));
        assert!(!is_https_or_loopback("http://127.0.0.1@evil.example/keys"));
        assert!(!is_https_or_loopback("file:///etc/passwd"));
    }
}
