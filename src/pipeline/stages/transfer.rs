//! `transfer`: moves the guest to another department. The rules are in the
//! machine; this is the stage that starts it.

use crate::{
    model::{Asks, By, ByKind, Event, Side, StageId, TenantId, Words},
    pipeline::{
        cx::Cx,
        flow::{Exits, Flow},
        language::fill,
        language::text::Text,
        stage::{Behaviour, Leaves, Mention, Speech},
        typed::{normal, yes_or_no},
        wish::{Proposal, WhenClosed},
    },
    source::{At, Fields},
};

/// Settings of a `transfer` stage.
#[derive(Debug, Clone)]
pub struct Transfer {
    tenant: Text,
    speech: Speech,
    reason: Option<Text>,
    note: Option<Text>,
    /// False: this transfer cannot be undone.
    pub undo: bool,
    confirm: bool,
    /// The stage of the sender at which it goes on when the receiver has ended.
    pub return_to: Option<At<StageId>>,
    /// What to do when the target is closed.
    pub when_closed: WhenClosed,
    literal: Option<At<String>>,
}

impl Transfer {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let problems = fields.problems;
        let tenant = fields.require_text("tenant").and_then(|text| Text::compile(text, problems));
        let speech = Speech::read(fields, true);
        let text = |key: &'static str| {
            fields.get(key).and_then(|node| Text::read(node, problems, &format!("`{key}`")))
        };
        let (reason, note) = (text("reason"), text("note"));
        let (undo, confirm) = (fields.bool("undo", true), fields.bool("confirm", false));
        let return_to =
            fields.text("return_to").map(|to| At::new(StageId::from(&to.value), &to.place));
        let when_closed = match fields.one_of("when_closed", &["ask", "follow", "fail"]) {
            Some("follow") => WhenClosed::Follow,
            Some("fail") => WhenClosed::Fail,
            _ => WhenClosed::Ask,
        };
        let tenant = tenant?;
        let literal = tenant.literal().map(|id| At::new(id.trim().to_owned(), &tenant.place));
        Some(Transfer {
            tenant,
            speech,
            reason,
            note,
            undo,
            confirm,
            return_to,
            when_closed,
            literal,
        })
    }

    /// How it announces the move.
    pub fn speech(&self) -> &Speech {
        &self.speech
    }

    /// The target, when it is written as it is.
    pub fn literal(&self) -> Option<&At<String>> {
        self.literal.as_ref()
    }

    /// True when it says why the guest is moved.
    pub fn gives_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// True when it asks the guest before it moves anyone, wherever it goes.
    pub fn asks_first(&self) -> bool {
        self.confirm
    }

    fn proposal(&self, cx: &mut Cx<'_>) -> Proposal {
        let target = cx.value(&self.tenant).plain().trim().to_owned();
        let receiver = cx.facts.fresh.session();
        // Reason and note are written with the six keys already set; if the move is refused, they
        // never were.
        let before = cx.session().metadata.clone();
        if let Some(tenant) = cx.facts.directory.tenant(&TenantId::from(&target)) {
            let to = Side {
                session_id: receiver,
                tenant_id: tenant.id.clone(),
                tenant_name: tenant.own_name().to_owned(),
            };
            let (from, now) = (Side::of(cx.session()), cx.now());
            cx.session_mut().metadata.set_hop(&from, &to, now);
        }
        let text = |text: &Option<Text>, cx: &Cx<'_>| {
            text.as_ref()
                .map(|text| cx.render(text).plain().trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let (reason, note) = (text(&self.reason, cx), text(&self.note, cx));
        cx.session_mut().metadata = before;
        Proposal {
            target,
            receiver,
            by: By { kind: ByKind::Stage, id: cx.stage.id.to_string(), name: None },
            reason,
            note,
            when_closed: self.when_closed,
            confirm: self.confirm,
            agreed: false,
            person: false,
        }
    }
}

impl Behaviour for Transfer {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        Flow::Transfer(Box::new(self.proposal(cx)))
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        let phrases = cx.phrases();
        let mut proposal = self.proposal(cx);
        let closed = cx.asks() == Some(&Asks::Closed);
        let to = cx
            .facts
            .directory
            .tenant(&TenantId::from(&proposal.target))
            .map(|tenant| tenant.name.clone())
            .unwrap_or_default();
        let question = fill(phrases.confirm_transfer, &[("to", &to)]);
        let (mut answer, said) = yes_or_no(event, phrases);
        if closed
            && said.as_deref().is_some_and(|said| {
                normal(said) == normal(&fill(phrases.leave, &[("to", &to)]).plain())
            })
        {
            answer = Some(true);
        }
        proposal.agreed = answer == Some(true);
        match answer {
            Some(yes) => {
                let shown = match (closed, yes) {
                    (true, true) => fill(phrases.leave, &[("to", &to)]),
                    (true, false) => Words::own(phrases.stay),
                    (false, true) => Words::own(phrases.yes),
                    (false, false) => Words::own(phrases.no),
                };
                cx.heard(said.unwrap_or_else(|| shown.plain()));
                cx.settle(&question, &shown);
                if yes {
                    return Flow::Transfer(Box::new(proposal));
                }
                if closed {
                    // The guest stays because the other side is closed: that is the failure that
                    // the stage's exit is for.
                    proposal.when_closed = WhenClosed::Fail;
                    return Flow::Transfer(Box::new(proposal));
                }
                let name = cx.tenant.name.clone();
                cx.say(fill(phrases.stays, &[("name", &name)]));
                match cx.session().last_waited.clone() {
                    Some(stage) => Flow::Goto { exit: "declined".to_owned(), stage },
                    None => Flow::Next,
                }
            }
            None => {
                // Neither yes nor no: the question stands, asked once more.
                let said = said.unwrap_or_default();
                cx.settle(&question, &Words::typed(&said));
                cx.heard(said);
                cx.miss();
                Flow::Transfer(Box::new(proposal))
            }
        }
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let mut mentions = self.speech.mentions();
        mentions.extend(
            [Some(&self.tenant), self.reason.as_ref(), self.note.as_ref()]
                .into_iter()
                .flatten()
                .map(Mention::Text),
        );
        mentions.extend(self.literal.iter().map(Mention::Target));
        mentions
    }

    fn leaves_with(&self) -> Vec<Leaves<'_>> {
        let texts = [
            (Some(&self.tenant), "tenant"),
            (self.speech.text.as_ref(), "text"),
            (self.reason.as_ref(), "reason"),
            (self.note.as_ref(), "note"),
        ];
        texts.into_iter().filter_map(|(text, name)| Some(Leaves::Moved(text?, name))).collect()
    }

    /// A transfer does not count as a stage that waits, even where it asks first.
    fn waits(&self) -> bool {
        false
    }

    fn leaves(&self) -> bool {
        true
    }

    fn leads(&self) -> Vec<(String, At<StageId>)> {
        let back = self.return_to.iter();
        back.map(|to| ("return_to".to_owned(), to.clone())).collect()
    }

    fn falls_through(&self, _: &Exits) -> bool {
        false
    }
}

/// The variables that only a transfer's card has.
pub const OWN: &[&str] = &["from", "to", "reason", "taken", "undo", "until", "text", "words"];
