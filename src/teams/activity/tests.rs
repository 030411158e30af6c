//! One reduced shape of everything that the local clients and Teams are known to send.

use serde_json::{Value, json};

use super::*;
use crate::teams::json::NotJson;

/// A personal message from Teams; `patch` overwrites top-level fields, null removes.
fn activity(patch: Value) -> Value {
    let mut activity = json!({
        "type": "message", "id": "1", "channelId": "msteams", "serviceUrl": "https://smba.trafficmanager.net/teams/",
        "from": {"id": "29:u", "name": "Kim Doe", "aadObjectId": "oid-1"},
        "recipient": {"id": "28:bot", "name": "Help"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "t-conv"},
        "channelData": {"tenant": {"id": "t-1"}},
        "text": "hello"
    });
    for (key, value) in patch.as_object().unwrap() {
        if value.is_null() {
            activity.as_object_mut().unwrap().remove(key)
        } else {
            activity.as_object_mut().unwrap().insert(key.clone(), value.clone())
        };
    }
    activity
}

fn inbound(patch: Value) -> Inbound {
    read(activity(patch).to_string().as_bytes()).unwrap()
}

fn what(patch: Value) -> What {
    inbound(patch).what
}

fn said(text: &str) -> What {
    What::Text(text.to_owned())
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn mention(id: &str, name: &str, text: Value) -> Value {
    json!({"type": "mention", "mentioned": {"id": id, "name": name}, "text": text})
}

#[test]
fn a_personal_message_with_everything_known() {
    let inbound = inbound(json!({
        "locale": "de-DE", "replyToId": "9", "localTimezone": "Europe/Paris",
        "entities": [{"type": "ClientInfo", "locale": "en-US", "country": "DE", "platform": "iOS", "timezone": "Europe/Berlin"}]
    }));
    assert_eq!(inbound.what, said("hello"));
    assert_eq!(
        inbound.conversation,
        ConversationId { channel: "msteams".into(), id: "a:1".into() }
    );
    assert_eq!(
        (inbound.scope, inbound.mentioned, inbound.expect_replies, inbound.invoke),
        (Scope::Personal, false, false, false)
    );
    assert_eq!(
        (inbound.activity_id.as_deref(), inbound.reply_to.as_deref()),
        (Some("1"), Some("9"))
    );
    assert_eq!(
        inbound.bot,
        Account { id: "28:bot".into(), name: Some("Help".into()), aad_object_id: None }
    );
    let guest = inbound.guest;
    assert_eq!(
        (guest.id.as_str(), guest.key(), guest.called(), guest.channel_id.as_str()),
        ("29:u", "oid-1", Some("Kim"), "msteams")
    );
    assert_eq!(
        (guest.entra_tenant.as_deref(), guest.locale.as_deref(), guest.timezone.as_deref()),
        (Some("t-1"), Some("de-DE"), Some("Europe/Berlin"))
    );
    assert_eq!((guest.country.as_deref(), guest.platform.as_deref()), (Some("DE"), Some("iOS")));
}

#[test]
fn what_cannot_be_routed_is_unreadable() {
    let unreadable = |patch: Value| read(activity(patch).to_string().as_bytes()).unwrap_err();
    for nothing in [json!(null), json!(""), json!(7), json!({}), json!(["x"])] {
        assert_eq!(unreadable(json!({"type": nothing})), Unreadable::NoType);
        assert_eq!(unreadable(json!({"channelId": nothing})), Unreadable::NoChannel);
        assert_eq!(unreadable(json!({"serviceUrl": nothing})), Unreadable::NoServiceUrl);
        assert_eq!(
            unreadable(json!({"conversation": {"id": nothing}})),
            Unreadable::NoConversation
        );
        assert_eq!(unreadable(json!({"conversation": nothing})), Unreadable::NoConversation);
    }
    assert_eq!(read(b"[]").unwrap_err(), Unreadable::NotAnObject);
    assert_eq!(read(b"hello").unwrap_err(), Unreadable::NotJson(NotJson::Syntax));
    assert_eq!(read("[".repeat(65).as_bytes()).unwrap_err(), Unreadable::NotJson(NotJson::TooDeep));
}

#[test]
fn every_other_field_may_have_any_type() {
    for wrong in [json!(1), json!("x"), json!([]), json!({}), json!([[], 1, null]), json!(true)] {
        for field in [
            "id",
            "from",
            "recipient",
            "entities",
            "channelData",
            "locale",
            "localTimezone",
            "replyToId",
            "value",
            "deliveryMode",
            "name",
            "action",
            "membersAdded",
        ] {
            assert_eq!(what(json!({(field): wrong.clone()})), said("hello"), "{field}: {wrong}");
        }
        for kind in ["invoke", "conversationUpdate", "installationUpdate", "event"] {
            inbound(
                json!({"type": kind, "value": wrong, "membersAdded": wrong, "action": wrong, "name": "adaptiveCard/action"}),
            );
        }
    }
    assert_eq!(inbound(json!({"from": null})).guest.id, "");
    assert_eq!(
        inbound(
            json!({"entities": [{"type": "clientInfo", "timezone": null}], "localTimezone": "UTC"})
        )
        .guest
        .timezone
        .as_deref(),
        Some("UTC")
    );
    assert_eq!(inbound(json!({"channelData": null})).guest.entra_tenant.as_deref(), Some("t-conv"));
    assert_eq!(
        inbound(json!({"entities": [{"type": "clientInfo", "locale": "fr-FR"}]}))
            .guest
            .locale
            .as_deref(),
        Some("fr-FR")
    );
}

#[test]
fn a_channel_post_with_its_mention() {
    let inbound = inbound(json!({
        "text": "<at>Help</at> my <at>Sam</at> printer <at>Help</at>\r\n\u{a0}",
        "conversation": {"id": "19:x@thread.tacv2;messageid=17", "conversationType": "channel", "isGroup": true},
        "entities": [mention("28:BOT", "Help", json!("<at>Help</at>")), mention("29:s", "Sam", json!("<at>Sam</at>"))],
        "channelData": {"tenant": {"id": "t-1"}, "team": {"id": "19:x"}, "channel": {"id": "19:x"}}
    }));
    assert_eq!(inbound.what, said("my Sam printer"));
    assert!(inbound.mentioned);
    assert_eq!(
        (inbound.scope, inbound.conversation.id.as_str()),
        (Scope::Channel, "19:x@thread.tacv2;messageid=17")
    );
}

/// A reply in a thread of a private channel, as Teams sends it; with the bot's mention or, thanks
/// to the channel-read permission, without.
fn reply(text: &str, entities: Vec<Value>) -> Inbound {
    let mut all = vec![
        json!({"locale": "de-DE", "country": "DE", "platform": "Web", "timezone": "Europe/Berlin", "type": "clientInfo"}),
    ];
    all.extend(entities);
    inbound(json!({
        "id": "1795531246287", "timestamp": "2026-11-24T14:40:46.287Z", "textFormat": "plain", "text": text, "entities": all,
        "attachments": [{"contentType": "text/html", "content": ""}],
        "conversation": {
            "id": "19:desk@thread.tacv2;messageid=1795531245377", "conversationType": "channel", "isGroup": true, "tenantId": "t-1"
        },
        "channelData": {
            "teamsChannelId": "19:desk@thread.tacv2", "teamsTeamId": "19:general@thread.tacv2", "tenant": {"id": "t-1"},
            "team": {"id": "19:general@thread.tacv2", "aadGroupId": "g-1"},
            "channel": {"id": "19:desk@thread.tacv2", "type": "Private"}
        }
    }))
}

#[test]
fn a_reply_in_a_thread_with_and_without_a_mention_of_the_bot() {
    let silent = reply(
        "Try **again** \u{1F642} &amp; tell <at>Sam</at>",
        vec![mention("29:s", "Sam Doe", json!("<at>Sam</at>"))],
    );
    assert_eq!(
        (silent.what, silent.mentioned),
        (said("Try **again** \u{1F642} &amp; tell Sam"), false)
    );
    let loud =
        reply("<at>Help</at> try again", vec![mention("28:bot", "Help", json!("<at>Help</at>"))]);
    assert_eq!((loud.what, loud.mentioned, loud.guest.key()), (said("try again"), true, "oid-1"));
    for channel in [&silent.channel, &loud.channel] {
        let desk = Channel {
            id: "19:desk@thread.tacv2".into(),
            name: None,
            team: Some("19:general@thread.tacv2".into()),
            team_name: None,
            kind: Some("private".into()),
        };
        assert_eq!(channel.as_ref(), Some(&desk));
    }
    assert_eq!(
        (silent.thread.as_deref(), loud.thread.as_deref()),
        (Some("1795531245377"), Some("1795531245377"))
    );
}

#[test]
fn the_bots_mention_goes_wherever_it_stands() {
    let bot = || mention("28:bot", "Help", json!("<at>Help</at>"));
    for (text, words) in [
        ("<at>Help</at> take it", "take it"),
        ("<at>Help</at>&nbsp;take it", "take it"),
        ("<at>Help</at>take it", "take it"),
        ("please <at>Help</at> take it", "please take it"),
        ("please\u{a0}<at>Help</at>\u{a0}take it", "please\u{a0}take it"),
        ("take it <at>Help</at>", "take it"),
        ("take it, <at>Help</at>!", "take it, !"),
        ("one\n<at>Help</at> two\n\n  three", "one\ntwo\n\n  three"),
        ("<at>Help</at> <at>Help</at>  take  it", "take  it"),
        ("a  b", "a  b"),
    ] {
        assert_eq!(reply(text, vec![bot()]).what, said(words), "{text:?}");
    }
    assert_eq!(reply("<at>Help</at>\u{a0}", vec![bot()]).what, What::Wordless);
    let all = vec![
        mention("29:s", "Sam Doe", Value::Null),
        bot(),
        mention("19:x", "R&D", json!("<at id=\"2\">R&amp;D</at>")),
    ];
    assert_eq!(
        reply("<at>Sam Doe</at> and <at id=\"2\">R&amp;D</at>: <at>Help</at> wait", all).what,
        said("Sam Doe and R&D: wait")
    );
    // An entity whose text is no tag takes nothing away that somebody said.
    assert_eq!(
        reply("Sam waits", vec![mention("29:s", "Sam", json!("Sam waits"))]).what,
        said("Sam waits")
    );
}

#[test]
fn the_channel_is_what_the_activity_says_of_it() {
    let place = |id: &str, data: Value| {
        let inbound = inbound(
            json!({"conversation": {"id": id, "conversationType": "channel", "isGroup": true}, "channelData": data}),
        );
        (inbound.channel.unwrap(), inbound.thread)
    };
    let bare =
        |id: &str| Channel { id: id.into(), name: None, team: None, team_name: None, kind: None };
    assert_eq!(
        place("19:c;messageid=7", json!({"channel": {"id": "19:d"}, "teamsChannelId": "19:e"})),
        (bare("19:d"), Some("7".into()))
    );
    assert_eq!(
        place("19:c;messageid=7", json!({"channel": {"id": ""}, "teamsChannelId": "19:e"})),
        (bare("19:e"), Some("7".into()))
    );
    assert_eq!(place("19:c;messageid=7", json!(null)), (bare("19:c"), Some("7".into())));
    assert_eq!(place("19:c;messageid=7;x=1", json!([])), (bare("19:c"), Some("7".into())));
    for id in ["19:c", "19:c;messageid="] {
        assert_eq!(place(id, json!({"channel": "19:d", "team": 7})), (bare("19:c"), None));
    }
    // A renamed channel: nobody says more about one than this.
    let renamed = json!({
        "tenant": {"id": "t-1"}, "team": {"id": "19:c", "name": "IT"}, "eventType": "channelRenamed",
        "channel": {"id": "19:d", "name": "Desk", "type": "shared"}
    });
    let desk = Channel {
        name: Some("Desk".into()),
        team: Some("19:c".into()),
        team_name: Some("IT".into()),
        kind: Some("shared".into()),
        ..bare("19:d")
    };
    assert_eq!(place("19:c", renamed), (desk, None));
    // Elsewhere there is neither.
    for kind in ["personal", "groupChat"] {
        let chat = inbound(json!({
            "conversation": {"id": "19:c;messageid=7", "conversationType": kind}, "channelData": {"channel": {"id": "19:d"}}
        }));
        assert_eq!((chat.channel, chat.thread), (None, None));
    }
}

#[test]
fn mentions_without_text_and_of_others() {
    assert_eq!(
        what(
            json!({"text": "<at>Help</at>&nbsp;hi\n", "entities": [mention("28:bot", "Help", Value::Null)]})
        ),
        said("hi")
    );
    assert_eq!(
        what(
            json!({"text": "<at>Help</at>", "entities": [mention("28:bot", "Help", Value::Null)]})
        ),
        What::Wordless
    );
    assert_eq!(
        what(json!({"text": "hi", "entities": [mention("28:bot", "", json!(" "))]})),
        said("hi")
    );
    let others = inbound(
        json!({"text": "<at>Sam</at> hi", "entities": [mention("29:s", "Sam", json!("<at>Sam</at>"))]}),
    );
    assert_eq!((others.what, others.mentioned), (said("Sam hi"), false));
    // What nobody is meant by is what somebody typed.
    assert_eq!(what(json!({"text": "<at>Sam</at> hi"})), said("<at>Sam</at> hi"));
    // Without a recipient nobody is the bot.
    assert!(
        !inbound(json!({"recipient": null, "entities": [mention("", "Help", json!("hello"))]}))
            .mentioned
    );
}

#[test]
fn text_stays_as_it_was_written() {
    assert_eq!(
        what(json!({"text": " \r\n\u{a0}A  b\n\u{a0}c &amp; <b>d</b> \t"})),
        said("A  b\n\u{a0}c &amp; <b>d</b>")
    );
    assert_eq!(what(json!({"text": "a\u{0}b"})), said("a\u{FFFD}b"));
    assert_eq!(what(json!({"text": "<x/>", "textFormat": "xml"})), said("<x/>"));
    for nothing in [json!(null), json!(""), json!(" \u{a0}&nbsp;\r\n"), json!(7)] {
        assert_eq!(what(json!({"text": nothing})), What::Wordless);
    }
    assert_eq!(
        what(
            json!({"text": null, "attachments": [{"contentType": "text/html", "content": "<p>hi</p>"}]})
        ),
        said("hi")
    );
}

#[test]
fn scopes() {
    let scope = |conversation: Value, data: Value| {
        inbound(json!({"conversation": conversation, "channelData": data})).scope
    };
    assert_eq!(
        scope(json!({"id": "c", "conversationType": "groupChat", "isGroup": true}), json!({})),
        Scope::Group
    );
    assert_eq!(scope(json!({"id": "c", "conversationType": "GROUPCHAT"}), json!({})), Scope::Group);
    assert_eq!(scope(json!({"id": "c", "isGroup": true}), json!({})), Scope::Group);
    assert_eq!(
        scope(json!({"id": "c", "isGroup": true}), json!({"team": {"id": "t"}})),
        Scope::Channel
    );
    assert_eq!(scope(json!({"id": "c", "isGroup": "yes"}), json!({})), Scope::Personal);
    assert_eq!(scope(json!({"id": "c"}), json!({})), Scope::Personal);
}

#[test]
fn clicks() {
    let ours = json!({"switchboard": "n-1", "pick": "a"});
    assert_eq!(
        what(json!({"text": null, "value": {"kind": "x"}, "replyToId": "7"})),
        What::Submit(map(json!({"kind": "x"})))
    );
    assert_eq!(what(json!({"text": "Send", "value": ours})), What::Submit(map(ours.clone())));
    assert_eq!(what(json!({"text": "Send", "value": ours.to_string()})), What::Submit(map(ours)));
    assert_eq!(
        what(json!({"text": null, "value": "{\"kind\":\"x\"}"})),
        What::Submit(map(json!({"kind": "x"})))
    );
    assert_eq!(what(json!({"text": "Send", "value": {"kind": "x"}})), said("Send"));
    assert_eq!(what(json!({"text": null, "value": "plain"})), What::Wordless);
    assert_eq!(what(json!({"text": null, "value": "[".repeat(100)})), What::Wordless);
}

#[test]
fn executes() {
    let execute = |value: Value| {
        inbound(
            json!({"type": "invoke", "text": null, "name": "adaptiveCard/action", "value": value}),
        )
    };
    let full = execute(
        json!({"action": {"type": "Action.Execute", "title": "Yes", "verb": "yes", "data": {"pick": "a"}}}),
    );
    assert!(full.invoke);
    assert_eq!(
        full.what,
        What::Execute { verb: Some("yes".into()), data: map(json!({"pick": "a"})) }
    );
    let empty = What::Execute { verb: None, data: Map::new() };
    for value in [
        json!(null),
        json!({}),
        json!({"action": 1}),
        json!({"action": {"data": [], "verb": 1}, "trigger": "manual"}),
    ] {
        assert_eq!(execute(value).what, empty);
    }
}

#[test]
fn other_invokes_keep_their_payload() {
    assert_eq!(
        what(json!({"type": "invoke", "name": "task/fetch", "value": [1]})),
        What::Invoke { name: Some("task/fetch".into()), value: json!([1]) }
    );
    assert_eq!(what(json!({"type": "invoke"})), What::Invoke { name: None, value: Value::Null });
}

#[test]
fn coming_and_going() {
    let update = |field: &str, ids: &[&str]| {
        let members: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        what(json!({"type": "conversationUpdate", "text": null, (field): members}))
    };
    assert_eq!(update("membersAdded", &["29:u", "28:BOT"]), What::Installed);
    assert_eq!(update("membersRemoved", &["28:bot"]), What::Removed);
    assert_eq!(update("membersAdded", &["29:u"]), What::Other("conversationUpdate".into()));
    assert_eq!(update("membersRemoved", &["29:u"]), What::Other("conversationUpdate".into()));
    assert_eq!(
        what(
            json!({"type": "conversationUpdate", "recipient": null, "membersAdded": [{"id": ""}]})
        ),
        What::Other("conversationUpdate".into())
    );
    let installation =
        |action: &str| what(json!({"type": "installationUpdate", "text": null, "action": action}));
    assert_eq!(
        (installation("add"), installation("ADD-upgrade")),
        (What::Installed, What::Upgraded)
    );
    assert_eq!(
        (installation("Remove"), installation("remove-upgrade")),
        (What::Removed, What::Removed)
    );
    assert_eq!(installation("dance"), What::Other("installationUpdate".into()));
}

#[test]
fn everything_else_is_other() {
    for kind in [
        "typing",
        "ping",
        "event",
        "messageReaction",
        "contactRelationUpdate",
        "deleteUserData",
        "endOfConversation",
        "Message",
        "new",
    ] {
        assert_eq!(what(json!({"type": kind})), What::Other(kind.into()));
    }
    assert_eq!(
        what(json!({"from": {"id": "28:bot", "role": "bot"}})),
        What::Other("message".into())
    );
    assert_eq!(what(json!({"type": "messageUpdate", "text": " new "})), What::Edited("new".into()));
    assert_eq!(
        what(json!({"type": "messageUpdate", "text": null})),
        What::Other("messageUpdate".into())
    );
    assert_eq!(what(json!({"type": "messageDelete"})), What::Deleted);
}

#[test]
fn the_local_clients() {
    // Playground: no name in the first contact, an id that is no GUID, no slash at the end of the
    // service URL.
    let playground = inbound(json!({
        "type": "installationUpdate", "action": "add", "text": null, "serviceUrl": "http://localhost:56150/_connector",
        "from": {"id": "user-id-0", "aadObjectId": "00000000-0000-0000-0000-0000000000020"},
        "channelData": {"source": {"name": "message"}, "settings": {"selectedChannel": {"id": "c"}}}
    }));
    assert_eq!((playground.what, playground.guest.name), (What::Installed, None));
    // A channel whose ids say nothing, and a click on a card in it.
    let team = json!({
        "type": "invoke", "name": "adaptiveCard/action", "text": null, "replyToId": "1795531246298", "from": {"id": "user-id-0"},
        "conversation": {"id": "team-id;messageid=1795531245377", "conversationType": "channel", "isGroup": true},
        "channelData": {"source": {"name": "message"}, "team": {"id": "team-id"}, "channel": {"id": "team-id"}},
        "value": {"action": {"type": "Action.Execute", "title": "Approve", "verb": "approve", "data": {"pick": "a"}}}
    });
    let team = inbound(team);
    let general = Channel {
        id: "team-id".into(),
        name: None,
        team: Some("team-id".into()),
        team_name: None,
        kind: None,
    };
    assert_eq!(
        (team.channel, team.thread.as_deref(), team.mentioned),
        (Some(general), Some("1795531245377"), false)
    );
    assert_eq!(
        team.what,
        What::Execute { verb: Some("approve".into()), data: map(json!({"pick": "a"})) }
    );
    // Its mock of a mention in a document: another channel id, no object id, no time zone.
    let word = inbound(json!({
        "channelId": "agents", "text": "<at>Help</at> - look\n", "from": {"id": "kim@contoso.example", "role": "user"},
        "conversation": {"id": "team-id", "isGroup": true, "conversationType": "channel", "topic": "Plan"},
        "entities": [{"type": "clientInfo", "timezone": null}, mention("28:bot", "@Help", json!("<at>Help</at>")), {"type": "wpxcomment"}],
        "attachments": [{"contentType": "application/vnd.microsoft.teams.file.download.info"}]
    }));
    assert_eq!((word.what, word.scope, word.mentioned), (said("- look"), Scope::Channel, true));
    // Its mock of a mail: a message without words that has a name.
    assert_eq!(
        what(
            json!({"text": null, "name": "emailNotification", "membersAdded": [], "attachments": []})
        ),
        What::Wordless
    );
    // Emulator: roles, no tenant, no conversation type; a click carries `postBack`.
    let emulator = json!({
        "channelId": "emulator", "serviceUrl": "http://localhost:9002", "text": null, "value": {"kind": "x"}, "channelData": {"postBack": true},
        "from": {"id": "user-1", "role": "user"}, "recipient": {"id": "bot-1", "role": "bot"}, "conversation": {"id": "30e2|livechat"}
    });
    let emulator = inbound(emulator);
    assert_eq!((emulator.scope, emulator.guest.entra_tenant.clone()), (Scope::Personal, None));
    assert_eq!(emulator.what, What::Submit(map(json!({"kind": "x"}))));
    // Web Chat and Direct Line: hardly anything but text.
    let webchat = inbound(json!({
        "channelId": "webchat", "conversation": {"id": "9a0e"}, "channelData": {"clientActivityID": "d"}, "entities": [{"type": "ClientCapabilities"}],
        "from": {"id": "u"}
    }));
    assert_eq!((webchat.what, webchat.guest.key()), (said("hello"), "u"));
    assert!(inbound(json!({"deliveryMode": "expectReplies"})).expect_replies);
    assert!(!inbound(json!({"deliveryMode": "normal"})).expect_replies);
}
