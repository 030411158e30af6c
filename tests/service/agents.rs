//! People who answer for a department, in the threads of a team's channels.
//!
//! ```ignore
//! app.teams.channel_exists("19:desk@thread.tacv2");
//! let ann = app.agent("ann");
//! ann.mention_in("19:desk@thread.tacv2", "connect 1234").await;
//! let thread = &app.teams.threads("19:desk@thread.tacv2")[0];
//! ann.click_in(thread, "Take", json!({})).await;
//! ann.say_in(thread, "Hello, have you tried again?").await;
//! ```

use serde_json::{Value, json};

use crate::{
    app::{SURNAME, Steady, TestApp, card_of, find_button, merged, text_of},
    fake_teams::{APP_ID, Sent, TENANT},
};

/// The team of every channel here.
pub const TEAM: &str = "19:general@thread.tacv2";

/// The bot's mention as it stands in a text.
const MENTION: &str = "<at>Switchboard</at>";

impl TestApp {
    /// Somebody of our own Microsoft 365 tenant who is in the team.
    pub fn agent<'a>(&'a self, name: &str) -> Agent<'a> {
        Agent { app: self, name: name.to_owned() }
    }
}

/// One member of the team. A place is a thread's conversation id, or a channel's id for a new post
/// there.
pub struct Agent<'a> {
    app: &'a TestApp,
    name: String,
}

impl Agent<'_> {
    /// An activity of this agent's in a place, with `patch` on top; null removes. In a bare channel
    /// it begins a thread, if it is a message.
    pub fn activity(&self, place: &str, kind: &str, patch: Value) -> Value {
        let (channel, root) = place
            .split_once(";messageid=")
            .map_or((place, None), |(channel, root)| (channel, Some(root)));
        // Posts are numbered; the bot's are as well, with fewer digits.
        let id = if kind == "message" {
            self.app.fresh_id().replace("f:", "1795531")
        } else {
            self.app.fresh_id()
        };
        let conversation = match root {
            None if kind == "message" => format!("{channel};messageid={id}"),
            _ => place.to_owned(),
        };
        let base = json!({
            "type": kind, "id": id, "timestamp": self.app.now(), "channelId": "msteams",
            "serviceUrl": self.app.teams.service_url(), "locale": "en-US", "localTimezone": "Europe/Berlin",
            "from": { "id": format!("29:{}", self.name), "name": format!("{}{SURNAME}", self.name), "aadObjectId": format!("aad-{}", self.name) },
            "recipient": { "id": format!("28:{APP_ID}"), "name": "Switchboard" },
            "conversation": { "id": conversation, "conversationType": "channel", "isGroup": true, "tenantId": TENANT },
            "channelData": {
                "teamsChannelId": channel, "teamsTeamId": TEAM,
                "tenant": { "id": TENANT }, "team": { "id": TEAM }, "channel": { "id": channel },
            },
            "entities": [client()],
        });
        crate::forge::with(base, patch)
    }

    /// A message without a mention, which reaches the bot thanks to the channel-read permission.
    pub fn message(&self, place: &str, text: &str) -> Value {
        self.written(place, text, text, json!([client()]))
    }

    /// A message that begins with a mention of the bot.
    pub fn mention(&self, place: &str, text: &str) -> Value {
        let seen = format!(
            "<span itemscope=\"\" itemtype=\"http://schema.skype.com/Mention\" itemid=\"0\">Switchboard</span>&nbsp;{text}"
        );
        let bot = json!({ "type": "mention", "text": MENTION, "mentioned": { "id": format!("28:{APP_ID}"), "name": "Switchboard" } });
        self.written(place, &format!("{MENTION} {text}"), &seen, json!([bot, client()]))
    }

    /// Teams repeats the words as HTML, in an attachment that is no file.
    fn written(&self, place: &str, text: &str, seen: &str, entities: Value) -> Value {
        let html = json!([{ "contentType": "text/html", "content": format!("<div><div>{seen}</div></div>") }]);
        self.activity(place, "message", json!({ "text": text, "textFormat": "plain", "attachments": html, "entities": entities }))
    }

    /// Writes without a mention, and waits for all answers. Gives the thread's conversation id.
    pub async fn say_in(&self, place: &str, text: &str) -> String {
        self.post(&self.message(place, text)).await
    }

    /// Writes with a mention, and waits for all answers. Gives the thread's conversation id.
    pub async fn mention_in(&self, place: &str, text: &str) -> String {
        self.post(&self.mention(place, text)).await
    }

    async fn post(&self, message: &Value) -> String {
        let reply = self.app.post(message).await;
        assert!(reply.is_empty_200(), "{reply:?}");
        self.app.idle().await;
        message["conversation"]["id"].as_str().unwrap().to_owned()
    }

    /// What Teams sends for a click on `Action.Execute` of the newest message of the thread with
    /// that button.
    pub fn execute(&self, thread: &str, title: &str, inputs: &Value) -> Value {
        let (card, button) = self.button(thread, title);
        let data = merged(&button["data"], inputs);
        let action = json!({ "type": "Action.Execute", "title": title, "verb": button["verb"], "data": data });
        let value = json!({ "action": action, "trigger": "manual" });
        self.activity(
            thread,
            "invoke",
            json!({ "name": "adaptiveCard/action", "replyToId": card.id, "value": value }),
        )
    }

    /// Clicks, and waits for all answers. Gives the body of the invoke's answer.
    pub async fn click_in(&self, thread: &str, title: &str, inputs: Value) -> Value {
        let reply = self.app.post(&self.execute(thread, title, &inputs)).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/json; charset=utf-8"),
            "{reply:?}"
        );
        self.app.idle().await;
        reply.json()
    }

    /// The newest message of the thread with that button, and the button.
    pub fn button(&self, thread: &str, title: &str) -> (Sent, Value) {
        let sent = self.app.teams.sent(thread);
        let found = sent
            .into_iter()
            .rev()
            .find_map(|sent| Some((sent.clone(), find_button(card_of(&sent.activity)?, title)?)));
        found.unwrap_or_else(|| {
            panic!("no button `{title}` in {thread}: {:#?}", self.texts_in(thread))
        })
    }

    /// What stands in the thread, from the bot: texts, and of cards everything that can be read.
    pub fn texts_in(&self, thread: &str) -> Vec<String> {
        self.app.teams.activities(thread).iter().map(text_of).collect()
    }

    /// The newest of it.
    pub fn last_in(&self, thread: &str) -> String {
        self.texts_in(thread).pop().unwrap_or_default()
    }
}

fn client() -> Value {
    json!({ "type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "Europe/Berlin" })
}

mod tests {
    use std::sync::Arc;

    use switchboard::{
        model::{Channel, Inbound, Scope, What},
        teams::{
            activity, client,
            connector::Connector,
            hosts::ServiceHosts,
            token::{TokenConfig, Tokens},
        },
    };

    use super::*;

    const DESK: &str = "19:desk@thread.tacv2";

    fn read(activity: &Value) -> Inbound {
        activity::read(activity.to_string().as_bytes()).unwrap()
    }

    /// A thread that the bot opens, with a card that has a button.
    async fn thread(app: &TestApp) -> String {
        app.teams.channel_exists(DESK);
        app.teams.allow_anonymous();
        let config = TokenConfig {
            app_id: None,
            secret: "".into(),
            login: String::new(),
            scope: String::new(),
        };
        let hosts = ServiceHosts::new(&[], &[app.teams.host()], false);
        let connector = Connector::new(
            hosts,
            Arc::new(Tokens::new(config, Steady::new().source()).unwrap()),
            client::TOTAL,
        )
        .unwrap();
        let take = json!({ "type": "Action.Execute", "title": "Take", "verb": "take", "data": { "matter": "IT-1" } });
        let card = json!({ "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "IT-1" }], "actions": [take] });
        let attachment =
            json!({ "contentType": "application/vnd.microsoft.card.adaptive", "content": card });
        let body = json!({
            "isGroup": true, "tenantId": TENANT, "channelData": { "channel": { "id": DESK } },
            "activity": { "type": "message", "attachments": [attachment] }
        });
        let opened = connector
            .open_thread(&app.teams.service_url(), &body.to_string(), app.now())
            .await
            .unwrap();
        opened.conversation.unwrap()
    }

    #[tokio::test]
    async fn what_agents_do_in_a_thread_reads_as_that() {
        let app = TestApp::start().await;
        let thread = thread(&app).await;
        let ann = app.agent("ann");
        let desk = Channel {
            id: DESK.into(),
            name: None,
            team: Some(TEAM.into()),
            team_name: None,
            kind: None,
        };
        let said = read(&ann.message(&thread, "one & **two**"));
        assert_eq!(
            (said.what, said.mentioned, said.scope),
            (What::Text("one & **two**".into()), false, Scope::Channel)
        );
        assert_eq!((said.guest.id.as_str(), said.guest.key()), ("29:ann", "aad-ann"));
        assert_eq!(
            (said.channel.as_ref(), said.conversation.id.as_str()),
            (Some(&desk), thread.as_str())
        );
        assert_eq!(said.thread.as_deref(), thread.strip_prefix(&format!("{DESK};messageid=")));
        let post = read(&ann.mention(DESK, "connect 1234"));
        assert_eq!(
            (post.what, post.mentioned, post.channel.as_ref()),
            (What::Text("connect 1234".into()), true, Some(&desk))
        );
        assert!(
            post.thread.is_some() && post.thread == post.activity_id,
            "a new post is its thread's root"
        );
        let click = read(&ann.execute(&thread, "Take", &json!({ "why": "free" })));
        let What::Execute { verb, data } = click.what else { panic!("{:?}", click.what) };
        assert_eq!(
            (verb.as_deref(), Value::Object(data)),
            (Some("take"), json!({ "matter": "IT-1", "why": "free" }))
        );
        assert_eq!((click.thread, click.reply_to), (said.thread.clone(), said.thread));
        app.finish().await;
    }

    #[tokio::test]
    async fn outside_its_desks_only_a_mention_is_answered() {
        let app = TestApp::start().await;
        let thread = thread(&app).await;
        let ann = app.agent("ann");
        assert_eq!(ann.say_in(&thread, "lunch?").await, thread);
        assert_eq!(ann.click_in(&thread, "Take", json!({})).await["statusCode"], 200);
        let own = ann.mention_in(DESK, "hello").await;
        assert!(
            app.teams.wait_for(&own, 1).await.len() == 1
                && ann.last_in(&own).contains("write to me directly"),
            "{own}"
        );
        assert_eq!(ann.texts_in(&thread), ["IT-1\n[Take]"]);
        app.finish().await;
    }
}
