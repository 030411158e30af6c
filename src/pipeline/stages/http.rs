//! `http`: asks another system, such as a ticket system. The call is made outside of the turn; its
//! answer comes back as an event.

mod body;
mod pointer;

use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use url::Url;

use crate::{
    model::{
        Call, CallError, CallId, Called, Effect, Event, Header, Method, Request, Shape, Words,
        address::ENCODED,
    },
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::text::Text,
        outside::{covers, env, host_of},
        scope,
        stage::{Behaviour, Leaves, Mention},
        stages::keys::is_data_key,
    },
    source::{At, Fields, Node, NodeKind, Problems},
};
use body::Body;

/// How long one attempt may take, unless the stage says so.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// The longest that an employee is made to wait for one attempt.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);
/// What is added to the time in which an answer must have come: for the way there and for the turn
/// that takes it.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);
/// How often a call is made that may be made twice.
pub const ATTEMPTS: u32 = 3;
/// The most that one saved value may weigh, in bytes of JSON: it is kept with the session.
const MOST_SAVED: usize = 16 * 1024;
/// Settings of an `http` stage.
#[derive(Debug, Clone)]
pub struct Http {
    method: Method,
    url: Text,
    host: At<String>,
    headers: Vec<(String, Told)>,
    json: Option<Body>,
    timeout: std::time::Duration,
    save: Vec<(At<String>, String)>,
}

/// What a header says.
#[derive(Debug, Clone)]
enum Told {
    Text(Text),
    Env(String),
}

impl Http {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let problems = fields.problems;
        let body = fields.get("json").and_then(|node| Body::read(node, problems));
        let default = if body.is_some() { Method::Post } else { Method::Get };
        let method =
            fields.one_of("method", &Method::NAMES).and_then(Method::named).unwrap_or(default);
        if body.is_some() && method == Method::Get {
            problems.error(
                fields.place_of("json"),
                "GET carries no body",
                "leave out `json`, or write `method: POST`",
            );
        }
        let timeout = fields.duration("timeout").unwrap_or(TIMEOUT);
        if timeout.is_zero() || timeout > LONGEST {
            problems.error(
                fields.place_of("timeout"),
                "`timeout` must be from 1s to 60s: somebody waits for it",
                "write `timeout: 10s`; what takes longer can call the admin API when it is done",
            );
        }
        let headers = fields.get("headers").map(|node| headers(node, problems)).unwrap_or_default();
        let save = fields.get("save").map(|node| save(node, problems)).unwrap_or_default();
        let url = fields.require_text("url")?;
        let host = host_of(&url, problems);
        let url = Text::compile(url, problems)?;
        Some(Http { method, url, host: host?, headers, json: body, timeout, save })
    }

    /// The host that it calls, as written.
    pub fn host(&self) -> &At<String> {
        &self.host
    }

    /// The call with everything filled in; an error when the address would not be the one that is
    /// written.
    fn request(&self, cx: &Cx<'_>) -> Result<Request, CallError> {
        // Values as they are stored: a system does not read dates as the guest's country writes
        // them.
        let variables = scope::stored(cx.view());
        let locales = cx.locales();
        let texts: Vec<&Text> = self.leaves_with().iter().map(Leaves::text).collect();
        if !cx.can_fill(&texts) {
            return Err(CallError::Unsendable);
        }
        let mut private = false;
        let mut told = |words: Words| {
            private |= words.is_private();
            words.revealed()
        };
        let url = told(self.url.render(&variables, &locales))
            .with_values(|value| utf8_percent_encode(value, ENCODED).to_string());
        let url =
            Url::parse(url.trim()).ok().filter(|_| !climbs(&url)).ok_or(CallError::Unsendable)?;
        let mut header = |(name, value): &(String, Told)| {
            let value = match value {
                Told::Text(text) => Header::Text(told(text.render(&variables, &locales)).plain()),
                Told::Env(name) => Header::Env(name.clone()),
            };
            (name.clone(), value)
        };
        let headers: Vec<_> = self.headers.iter().map(&mut header).collect();
        let body = self.json.as_ref().map(|body| body.fill(&variables, &locales, &mut told));
        private |= self
            .mentions()
            .iter()
            .any(|mention| matches!(mention, Mention::Text(text) if cx.uses_private(text)));
        // Proved at load; the files of an older chat may say otherwise.
        let may_hear = |listed: &String| covers(listed, &self.host.value);
        if private && !cx.facts.directory.private_hosts.iter().any(may_hear) {
            return Err(CallError::Unsendable);
        }
        Ok(Request {
            method: self.method,
            url: url.to_string(),
            headers,
            body: body.map(|body| body.to_string()),
            timeout: u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            wants_json: !self.save.is_empty(),
            private,
        })
    }

    fn call(&self, cx: &mut Cx<'_>, request: Request, attempt: u32) {
        // An id of this kind is as good as any other fresh one.
        let id = CallId(cx.facts.fresh.letter().0);
        let mut call = Call { id, attempt, deadline: cx.now(), request, written: 0 };
        call.deadline =
            cx.now().checked_add(call.pause() + self.timeout + GRACE).unwrap_or(cx.now());
        let session = cx.session_mut();
        session.call = Some(call.clone());
        let session = session.id;
        cx.effects.push(Effect::Call { session, call: Box::new(call) });
    }

    /// Whoever writes meanwhile is told what is waited for, each time in other words.
    fn wait(cx: &mut Cx<'_>) {
        let phrases = cx.phrases();
        let Some(call) = &mut cx.session_mut().call else { return };
        call.written += 1;
        let phrase = match call.written {
            1 => phrases.one_moment,
            count if count % 2 == 0 => phrases.still_waiting,
            _ => phrases.still_waiting_more,
        };
        cx.say(Words::own(phrase));
    }

    /// The answer has not come, or it was one of those that may be better the next time.
    fn again(&self, cx: &mut Cx<'_>, call: Call, why: CallError) -> Flow {
        let is_passing = matches!(
            why,
            CallError::Unreachable | CallError::Timeout | CallError::Status(429 | 500..)
        );
        if self.method.is_idempotent() && is_passing && call.attempt < ATTEMPTS {
            self.call(cx, call.request, call.attempt + 1);
            return Flow::Stay;
        }
        cx.exit("on_failure").unwrap_or(Flow::Next)
    }

    fn keep(&self, cx: &mut Cx<'_>, answer: &Value, private: bool) -> Result<(), CallError> {
        let mut found = Vec::new();
        for (key, pointer) in &self.save {
            let value = answer
                .pointer(pointer)
                .filter(|value| !value.is_null())
                .ok_or(CallError::Missing)?;
            if value.to_string().len() > MOST_SAVED {
                return Err(CallError::TooLarge);
            }
            found.push((key.value.clone(), value.clone()));
        }
        for (key, value) in found {
            cx.set(&key, value, private);
        }
        Ok(())
    }
}

/// True when a value would lead out of the path that is written.
fn climbs(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|step| step == "." || step == "..")
}

fn headers(node: &Node, problems: &Problems) -> Vec<(String, Told)> {
    let Some(fields) = node.fields(problems, "`headers`") else { return Vec::new() };
    let mut all = Vec::new();
    for (name, node) in fields.pairs() {
        let is_token = !name.value.is_empty()
            && name
                .value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        let is_ours = [
            "host",
            "content-length",
            "content-type",
            "transfer-encoding",
            "connection",
            "idempotency-key",
        ];
        if !is_token || is_ours.iter().any(|ours| name.value.eq_ignore_ascii_case(ours)) {
            problems.error(
                &name.place,
                format!("`{}` cannot be a header here", name.value),
                "leave it out; the body's type is always JSON",
            );
            continue;
        }
        let value = if matches!(node.kind, NodeKind::Map(_)) {
            env(node, "a header", "TICKETS_TOKEN", problems).map(|name| Told::Env(name.value))
        } else {
            node.text(problems, &format!("`{}`", name.value))
                .and_then(|text| secret_in(&name.value, text, problems))
                .map(Told::Text)
        };
        all.extend(value.map(|value| (name.value.clone(), value)));
    }
    all
}

/// A header's text; one that is a secret by its name does not belong in a file.
fn secret_in(name: &str, text: At<String>, problems: &Problems) -> Option<Text> {
    let name_is_secret =
        ["authorization", "cookie", "api-key", "apikey", "token", "secret", "password"]
            .iter()
            .any(|word| name.to_ascii_lowercase().contains(word));
    if name_is_secret && !text.value.contains("{{") {
        problems.warning(
            &text.place,
            format!("`{name}` looks like a secret that stands in a file"),
            format!("keep it in the environment: `{name}: {{ env: NAME }}`"),
        );
    }
    Text::compile(text, problems)
}

fn save(node: &Node, problems: &Problems) -> Vec<(At<String>, String)> {
    let Some(fields) = node.fields(problems, "`save`") else { return Vec::new() };
    let mut all = Vec::new();
    for (key, node) in fields.pairs() {
        let Some(pointer) = node.text(problems, &format!("`{}`", key.value)) else { continue };
        if !is_data_key(&key.value) {
            let help = "write keys whole, under Data: `Data.ticket: /id` (letters, digits, hyphens and underscores)";
            problems.error(&key.place, format!("`save` cannot write `{}`", key.value), help);
        } else if let Err((message, help)) = pointer::check(&pointer.value) {
            problems.error(&pointer.place, message, help);
        } else {
            all.push((key.clone(), pointer.value));
        }
    }
    all
}

impl Behaviour for Http {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        if cx.session().call.is_some() {
            // Come to again, after a question beside: the answer is still on its way, and asking
            // twice would make two of it.
            Self::wait(cx);
            return Flow::Stay;
        }
        match self.request(cx) {
            Ok(request) => {
                self.call(cx, request, 1);
                Flow::Stay
            }
            Err(_) => cx.exit("on_failure").unwrap_or(Flow::Next),
        }
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        match event {
            Event::Called { id, outcome } => {
                let Some(call) = cx.session_mut().call.take_if(|call| call.id == *id) else {
                    return Flow::Stay;
                };
                let kept = match outcome {
                    Called::Answer(answer) => self.keep(cx, answer, call.request.private),
                    Called::Failed(error) => Err(*error),
                };
                kept.map_or_else(|error| self.again(cx, call, error), |()| Flow::Next)
            }
            Event::Said(text) => {
                cx.heard(text.as_str());
                Self::wait(cx);
                Flow::Stay
            }
            _ => Flow::Stay,
        }
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let mut texts = vec![&self.url];
        texts.extend(self.headers.iter().filter_map(|(_, value)| match value {
            Told::Text(text) => Some(text),
            Told::Env(_) => None,
        }));
        if let Some(body) = &self.json {
            body.texts(&mut texts);
        }
        let mut mentions: Vec<Mention<'_>> = texts.into_iter().map(Mention::Text).collect();
        mentions.push(Mention::Host(&self.host));
        mentions
    }

    fn needs(&self) -> &'static [(&'static str, &'static str)] {
        &[("on_failure", "systems fail")]
    }

    fn unanswered(&self, cx: &mut Cx<'_>, call: Call) -> Flow {
        self.again(cx, call, CallError::Timeout)
    }

    fn waits(&self) -> bool {
        // For another system, not for the guest: a loop through it would never end.
        false
    }

    fn leaves_with(&self) -> Vec<Leaves<'_>> {
        let texts = self.mentions().into_iter().filter_map(|mention| match mention {
            Mention::Text(text) => Some(Leaves::Told(text, &self.host)),
            _ => None,
        });
        texts.collect()
    }

    fn makes(&self) -> Vec<(&str, Vec<&Text>)> {
        let texts: Vec<&Text> = self.leaves_with().iter().map(Leaves::text).collect();
        self.save.iter().map(|(key, _)| (key.value.as_str(), texts.clone())).collect()
    }

    fn shapes(&self) -> Vec<(String, Shape)> {
        self.save.iter().map(|(key, _)| (key.value.clone(), Shape::Any)).collect()
    }

    fn sets(&self) -> Vec<At<String>> {
        self.save.iter().map(|(key, _)| key.clone()).collect()
    }
}
