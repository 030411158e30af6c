//! `http`: asks another system, such as a ticket system. The call is made outside of the turn; its
//! answer comes back as an event.

use handlebars::Context;
use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    model::{
        Call, CallError, CallId, Called, Effect, Event, Header, Method, Request, Words,
        address::ENCODED,
    },
    pipeline::{
        language::text::Text,
        stage::{Behaviour, Cx, Flow, Mention},
        stages::set::is_data_key,
    },
    source::{At, Fields, Node, NodeKind, Problems},
};

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

/// A JSON body by template.
#[derive(Debug, Clone)]
enum Body {
    /// As it is.
    Fixed(Value),
    /// A text with values filled in: always a JSON string.
    Text(Text),
    /// `{{json Data.x}}` and nothing else: the value as it is stored. The text names it for the
    /// checker.
    Raw(Text, Vec<String>),
    List(Vec<Body>),
    Map(Vec<(String, Body)>),
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
        let context = Context::from(cx.scope());
        let locales = cx.locales();
        let url = self
            .url
            .render(&context, &locales)
            .with_values(|value| utf8_percent_encode(value, ENCODED).to_string());
        let url =
            Url::parse(url.trim()).ok().filter(|_| !climbs(&url)).ok_or(CallError::Unsendable)?;
        let header = |(name, value): &(String, Told)| {
            let value = match value {
                Told::Text(text) => Header::Text(text.render(&context, &locales).plain()),
                Told::Env(name) => Header::Env(name.clone()),
            };
            (name.clone(), value)
        };
        Ok(Request {
            method: self.method,
            url: url.to_string(),
            headers: self.headers.iter().map(header).collect(),
            body: self.json.as_ref().map(|body| body.fill(&context, &locales).to_string()),
            timeout: u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            wants_json: !self.save.is_empty(),
        })
    }

    fn call(&self, cx: &mut Cx<'_>, request: Request, attempt: u32) {
        // An id of this kind is as good as any other fresh one.
        let id = CallId(cx.facts.fresh.letter().0);
        let mut call = Call { id, attempt, deadline: cx.now(), request };
        call.deadline =
            cx.now().checked_add(call.pause() + self.timeout + GRACE).unwrap_or(cx.now());
        let session = cx.session_mut();
        session.call = Some(call.clone());
        let session = session.id;
        cx.effects.push(Effect::Call { session, call: Box::new(call) });
    }

    /// The answer has not come, or it was one of those that may be better the next time.
    pub fn again(&self, cx: &mut Cx<'_>, call: Call, why: CallError) -> Flow {
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

    fn keep(&self, cx: &mut Cx<'_>, answer: &Value) -> Result<(), CallError> {
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
            cx.set(&key, value, false);
        }
        Ok(())
    }
}

impl Body {
    fn read(node: &Node, problems: &Problems) -> Option<Body> {
        Some(match &node.kind {
            NodeKind::Null => Body::Fixed(Value::Null),
            NodeKind::Bool(truth) => Body::Fixed(Value::Bool(*truth)),
            NodeKind::Number(_, text) => Body::Fixed(
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            ),
            NodeKind::Text(text) => match raw(text) {
                Some(path) => {
                    let named = At::new(format!("{{{{{path}}}}}"), &node.place);
                    Body::Raw(
                        Text::compile(named, problems)?,
                        path.split('.').map(str::to_owned).collect(),
                    )
                }
                None => Body::Text(Text::compile(At::new(text.clone(), &node.place), problems)?),
            },
            NodeKind::List(items) => {
                Body::List(items.iter().filter_map(|item| Body::read(item, problems)).collect())
            }
            NodeKind::Map(entries) => Body::Map(
                entries
                    .iter()
                    .filter_map(|(key, node)| {
                        Some((key.value.clone(), Body::read(node, problems)?))
                    })
                    .collect(),
            ),
            NodeKind::Braces => {
                problems.error(
                    &node.place,
                    "an unquoted `{{…}}` is YAML's own syntax",
                    "put quotes around it: \"{{Data.x}}\"",
                );
                return None;
            }
        })
    }

    fn fill(&self, context: &Context, locales: &[&str]) -> Value {
        match self {
            Body::Fixed(value) => value.clone(),
            Body::Text(text) => Value::String(text.render(context, locales).plain()),
            Body::Raw(_, path) => {
                let found = path.iter().try_fold(context.data(), |value, step| value.get(step));
                found.cloned().unwrap_or(Value::Null)
            }
            Body::List(items) => items.iter().map(|item| item.fill(context, locales)).collect(),
            Body::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, body)| (key.clone(), body.fill(context, locales)))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    fn texts<'a>(&'a self, found: &mut Vec<&'a Text>) {
        match self {
            Body::Fixed(_) => {}
            Body::Text(text) | Body::Raw(text, _) => found.push(text),
            Body::List(items) => items.iter().for_each(|item| item.texts(found)),
            Body::Map(entries) => entries.iter().for_each(|(_, body)| body.texts(found)),
        }
    }
}

/// The path in `{{json Data.x}}`, when the text is nothing else.
fn raw(text: &str) -> Option<&str> {
    let path = text.trim().strip_prefix("{{json ")?.strip_suffix("}}")?.trim();
    let is_path = !path.is_empty()
        && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_path.then_some(path)
}

/// True when a value would lead out of the path that is written.
fn climbs(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|step| step == "." || step == "..")
}

/// The host in an address, which must be written as it is: a value never decides whom the bot
/// calls.
pub fn host_of(url: &At<String>, problems: &Problems) -> Option<At<String>> {
    let text = url.value.trim();
    let wrong = |message: &str, help: &str| {
        problems.error(&url.place, message, help);
        None::<At<String>>
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong(
            "`url` is no address",
            "write it whole: `https://tickets.contoso.com/api/tickets`",
        );
    };
    if !matches!(scheme, "https" | "http") {
        return wrong(
            "`url` must begin with https:// (or http:// inside your own network)",
            "write `https://…`",
        );
    }
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains("{{") {
        return wrong(
            "a value cannot decide which host is called",
            "write the host as it is; values may stand behind the next `/`",
        );
    }
    if authority.contains('@') {
        return wrong(
            "`url` holds a name or password",
            "send it as a header: `headers: { Authorization: { env: TICKETS_TOKEN } }`",
        );
    }
    // What stands in braces is not the address's own syntax.
    let fixed = rest.find("{{").map_or(rest, |at| &rest[..at]);
    match Url::parse(&format!("{scheme}://{authority}{fixed}"))
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
    {
        Some(host) => Some(At::new(host, &url.place)),
        None => wrong(
            "`url` is no address",
            "write it whole: `https://tickets.contoso.com/api/tickets`",
        ),
    }
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
            env(node, "a header", "TICKETS_TOKEN", problems).map(Told::Env)
        } else {
            node.text(problems, &format!("`{}`", name.value))
                .and_then(|text| secret_in(&name.value, text, problems))
                .map(Told::Text)
        };
        all.extend(value.map(|value| (name.value.clone(), value)));
    }
    all
}

/// `{ env: NAME }`: the name of the environment variable that holds a secret. `what` and `example`
/// are for who wrote it wrongly.
pub fn env(node: &Node, what: &str, example: &str, problems: &Problems) -> Option<String> {
    let fields = node.fields(problems, what)?;
    let name = fields.require_text("env");
    fields.finish();
    let name = name?;
    if problems.is_secret(&name.value) {
        problems.error(
            &name.place,
            format!(
                "`{}` is a secret of Switchboard itself, which no other system gets",
                name.value
            ),
            "keep the other system's secret in a variable of its own: `{ env: TICKETS_TOKEN }`",
        );
        return None;
    }
    if !is_variable(&name.value) {
        problems.error(
            &name.place,
            format!("`{}` is no name of an environment variable", name.value),
            format!("write `{{ env: {example} }}`"),
        );
        return None;
    }
    Some(name.value)
}

/// True for what shells take as a name.
pub fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A header's text; one that is a secret by its name does not belong into a file.
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
        } else if !pointer.value.is_empty() && !pointer.value.starts_with('/') {
            let help = "write where it stands in the answer, such as `/id` or `/tickets/0/number` (RFC 6901)";
            problems.error(&pointer.place, format!("`{}` is no JSON Pointer", pointer.value), help);
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
            let words = Words::own(cx.phrases().one_moment);
            cx.say(words);
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
                    Called::Answer(answer) => self.keep(cx, answer),
                    Called::Failed(error) => Err(*error),
                };
                kept.map_or_else(|error| self.again(cx, call, error), |()| Flow::Next)
            }
            Event::Said(text) => {
                cx.heard(text.as_str());
                let words = Words::own(cx.phrases().one_moment);
                cx.say(words);
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

    fn waits(&self) -> bool {
        // For another system, not for the guest: a loop through it would never end.
        false
    }

    fn sets(&self) -> Vec<At<String>> {
        self.save.iter().map(|(key, _)| key.clone()).collect()
    }
}
