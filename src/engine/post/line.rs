//! Who may post next, of all that wait: the app as a whole may post so much a second and no more.
//! What somebody waits for goes before what nobody asked for (welcomes after an install in the
//! whole company, reminders), and each kind goes in the order in which it came. A queue posts one
//! letter at a time and lines up again for the next, so no conversation holds the others up.

use std::collections::VecDeque;

use jiff::SignedDuration;
use tokio::sync::oneshot;

use super::window::{Window, forget, wait};
use crate::model::{ConversationId, Moment};

/// What Teams lets pass per app and Microsoft 365 tenant.
const APP: [Window; 1] = [(50, SignedDuration::from_secs(1))];
/// What of it may be bulk: room is left at every instant for whoever is answered.
const BULK: [Window; 1] = [(35, SignedDuration::from_secs(1))];
/// What of it is bulk in any case, however many are answered: it is late, not stuck.
const SHARE: usize = 5;

/// Somebody who wants to post.
pub(super) struct Ticket {
    pub(super) conversation: ConversationId,
    /// Told when it may.
    pub(super) granted: oneshot::Sender<()>,
}

/// All that wait, and what was posted lately.
#[derive(Default)]
pub(super) struct Line {
    sent: VecDeque<Moment>,
    bulk_sent: VecDeque<Moment>,
    awaited: VecDeque<Ticket>,
    bulk: VecDeque<Ticket>,
    /// Somebody calls [`Line::admit`] again when it is time.
    pub(super) is_driven: bool,
}

impl Line {
    /// Lines up.
    pub(super) fn join(&mut self, ticket: Ticket, is_awaited: bool) {
        if is_awaited { &mut self.awaited } else { &mut self.bulk }.push_back(ticket);
    }

    /// What a conversation wants to post is waited for after all.
    pub(super) fn hurry(&mut self, conversation: &ConversationId) {
        while let Some(at) = self.bulk.iter().position(|it| it.conversation == *conversation) {
            self.awaited.extend(self.bulk.remove(at));
        }
    }

    /// Takes a place at `now`, if there is one and nobody waits for it.
    pub(super) fn take(&mut self, now: Moment) -> bool {
        forget(&mut self.sent, &APP, now);
        let is_free = self.awaited.is_empty()
            && self.bulk.is_empty()
            && !wait(&self.sent, &APP, now).is_positive();
        if is_free {
            self.sent.push_back(now);
        }
        is_free
    }

    /// Lets pass whoever may at `now`; answers after how long it is worth asking again, or nothing
    /// when nobody waits.
    pub(super) fn admit(&mut self, now: Moment) -> Option<SignedDuration> {
        loop {
            // Whoever has given up waiting takes no place.
            for line in [&mut self.awaited, &mut self.bulk] {
                while line.front().is_some_and(|ticket| ticket.granted.is_closed()) {
                    line.pop_front();
                }
            }
            if self.awaited.is_empty() && self.bulk.is_empty() {
                return None;
            }
            forget(&mut self.sent, &APP, now);
            forget(&mut self.bulk_sent, &BULK, now);
            let full = wait(&self.sent, &APP, now);
            if full.is_positive() {
                return Some(full);
            }
            let bulk_full = wait(&self.bulk_sent, &BULK, now);
            let is_bulks_turn =
                self.awaited.is_empty() || (self.bulk_sent.len() < SHARE && !self.bulk.is_empty());
            if is_bulks_turn && bulk_full.is_positive() {
                return Some(bulk_full);
            }
            let line = if is_bulks_turn { &mut self.bulk } else { &mut self.awaited };
            let Some(ticket) = line.pop_front() else { continue };
            if ticket.granted.send(()).is_ok() {
                self.sent.push_back(now);
                if is_bulks_turn {
                    self.bulk_sent.push_back(now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        Moment::after(SignedDuration::from_millis(millis))
    }

    fn ticket(name: &str) -> (Ticket, oneshot::Receiver<()>) {
        let (granted, told) = oneshot::channel();
        let conversation = ConversationId { channel: "msteams".to_owned(), id: name.to_owned() };
        (Ticket { conversation, granted }, told)
    }

    /// Lets pass whoever may until `until`, from `now` on.
    fn run(line: &mut Line, now: &mut i64, until: i64) {
        while *now < until {
            let Some(wait) = line.admit(at(*now)) else { break };
            *now += i64::try_from(wait.as_millis()).unwrap().clamp(1, until - *now);
        }
        *now = until;
    }

    #[test]
    fn ten_thousand_welcomes_delay_no_answer() {
        let (mut line, mut now) = (Line::default(), 0);
        let mut welcomes = Vec::new();
        for number in 0..10_000 {
            let (ticket, told) = ticket(&format!("w{number}"));
            line.join(ticket, false);
            welcomes.push(told);
        }
        let mut answers = 0;
        while !welcomes.is_empty() {
            // Somebody is answered at odd instants, ten times a second.
            let (ticket, mut told) = ticket("someone");
            line.join(ticket, true);
            let wait = line.admit(at(now));
            assert!(told.try_recv().is_ok(), "an answer waits at {now} ms: {wait:?}");
            answers += 1;
            let next = now + 97;
            run(&mut line, &mut now, next);
            welcomes.retain_mut(|told| told.try_recv().is_err());
        }
        assert!(answers > 2_500, "{answers}");
        assert!(now < 10_000 * 1000 / 30, "the welcomes take {now} ms");
    }

    #[test]
    fn all_together_keep_to_the_apps_limit_and_nobody_is_forgotten() {
        let (mut line, mut now) = (Line::default(), 0);
        let mut sent = Vec::new();
        let mut waiting = Vec::new();
        for number in 0..2_000 {
            let (ticket, told) = ticket(&number.to_string());
            line.join(ticket, number % 10 != 0);
            waiting.push((number, told));
        }
        while !waiting.is_empty() {
            let wait = line.admit(at(now));
            waiting.retain_mut(|(number, told)| {
                let has_passed = told.try_recv().is_ok();
                if has_passed {
                    sent.push((now, *number));
                }
                !has_passed
            });
            now += wait.map_or(1, |wait| i64::try_from(wait.as_millis()).unwrap().max(1));
        }
        for (first, last) in sent.iter().zip(&sent[50..]) {
            assert!(last.0 - first.0 >= 1000, "51 within a second: {first:?} … {last:?}");
        }
        // While others are answered, bulk has its share, and each kind goes in order.
        let bulk: Vec<i32> =
            sent.iter().filter(|(_, number)| number % 10 == 0).map(|it| it.1).collect();
        assert!(bulk.is_sorted(), "{bulk:?}");
        let early = sent.iter().filter(|(at, number)| *at < 5_000 && number % 10 == 0).count();
        assert!((20..=30).contains(&early), "{early}");
    }

    #[test]
    fn what_is_waited_for_after_all_overtakes_and_who_left_takes_no_place() {
        let mut line = Line::default();
        let mut told: Vec<_> = (0..200)
            .map(|number| {
                let (ticket, told) = ticket(&number.to_string());
                line.join(ticket, false);
                told
            })
            .collect();
        line.admit(at(0));
        assert_eq!(told.iter_mut().filter_map(|told| told.try_recv().ok()).count(), 35);
        let conversation = ConversationId { channel: "msteams".to_owned(), id: "199".to_owned() };
        line.hurry(&conversation);
        line.admit(at(0));
        assert!(told[199].try_recv().is_ok());
        told.truncate(40);
        line.admit(at(1000));
        assert_eq!(told[35..].iter_mut().filter_map(|told| told.try_recv().ok()).count(), 5);
        assert_eq!(line.admit(at(1000)), None, "the others left");
    }
}
