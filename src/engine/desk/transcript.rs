//! What was said, for the people at a desk: their own session whole, earlier departments as far as
//! the transfer rules share them.

use serde_json::{Map, Value, json};

use super::{
    act::over,
    means::{Incoming, Means},
};
use crate::{
    engine::{
        may::{Here, Wish, may},
        running::Running,
        unkept::done,
        wire,
    },
    model::{Hop, Scope, Session, SessionId, TenantId, Token, Words, parts, words},
    pipeline::{
        card::{Face, card_of},
        cx::object,
        desk::DESK,
        directory::Sharing,
        language::{fill, phrases, time},
        policy::policy,
        scope::View,
    },
    store::{Answer, JourneyView, Line, StoreError, Who},
};

/// The most lines on one card, and the most UTF-16 units of all of them: far below what Teams takes.
const LINES: usize = 40;
const UNITS: usize = 24_000;
/// The most UTF-16 units of one line: a longer one goes on in the next.
const LINE: usize = 2_000;
/// About what a line has beside its words.
const AROUND: usize = 100;

/// The page that a button asks for; none when it is another button.
pub(super) fn page_of(data: &Map<String, Value>) -> Option<usize> {
    let is_transcript = data.get(DESK).is_some_and(|act| act == "transcript");
    is_transcript
        .then(|| data.get("page").and_then(|page| page.as_str()?.parse().ok()).unwrap_or(0))
}

/// Posts a page of the transcript in the thread where it was asked for. Not kept: it says
/// nothing new.
pub(super) async fn show(
    means: &Means,
    incoming: &Incoming<'_>,
    (person, place): Here<'_>,
    token: Token,
    page: usize,
) -> Result<Answer, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let directory = &running.company.directory;
    let Some(session) = token.session else { return Ok(done(inbound, None)) };
    let Some(view) = means.turns.store().session(session).await? else {
        return Ok(done(inbound, None));
    };
    let company = (running, means.turns.home());
    let is_theirs = view.session.desk.as_ref().is_some_and(|help| help.nonce == token.nonce)
        && may(company, &person, Wish::Read(&view.session, place)).is_ok();
    let tenant = directory.tenant(&view.session.tenant);
    let locale = directory.locale_of(&view.session.tenant).to_owned();
    let desk = phrases(&locale).desk;
    if !is_theirs {
        return Ok(done(inbound, Some(&over(incoming, Some(&view)))));
    }
    let Some(journey) = means.turns.store().journey(view.session.journey).await? else {
        return Ok(done(inbound, None));
    };
    let lines = lines(means, running, &journey, &view.session).await?;
    let (start, end) = page_at(&lines, page);
    let earlier = if start > 0 { (page + 1).to_string() } else { String::new() };
    let whole = View {
        directory,
        tenant,
        session: &view.session,
        guest: &view.guest,
        hops: &[],
        now: view.session.started,
    };
    let own = json!({
        "text": desk.said, "lines": lines[start..end], "page": earlier,
        "words": { "earlier": desk.earlier },
    });
    let face = Face {
        template: "transcript",
        own: object(own),
        summary: Words::own(desk.said),
        token: Some(Token { stage: DESK.to_owned(), ..token }),
    };
    let card = card_of(whole, &locale, face);
    let drawn = wire::draw_card(
        &card,
        &running.cards,
        &inbound.reference(),
        wire::Place::of(&inbound.conversation),
        None,
    );
    means.unkept.post(inbound, drawn.activity);
    let is_thread = inbound.scope == Scope::Channel;
    let words = if is_thread { desk.in_thread } else { desk.in_chat };
    Ok(done(inbound, Some(&Words::own(words))))
}

/// All that the desk of a session may read.
async fn lines(
    means: &Means,
    running: &Running,
    journey: &JourneyView,
    session: &Session,
) -> Result<Vec<String>, StoreError> {
    let directory = &running.company.directory;
    let tenant = directory.tenant(&session.tenant);
    let locale = directory.locale_of(&session.tenant);
    let desk = phrases(locale).desk;
    let mut lines: Vec<String> = Vec::new();
    for leg in &journey.sessions {
        let level = level_of(running, journey, leg.session.id, session.id);
        let Some(level) = level else { continue };
        let said = means.turns.store().transcript(leg.session.id).await?;
        let name = leg.session.tenant_name.as_str();
        match level {
            Sharing::None => lines.push(fill(desk.not_shared, &[("name", name)]).variable()),
            Sharing::Summary => {
                lines.push(
                    fill(desk.summary, &[("name", name), ("count", &said.len().to_string())])
                        .variable(),
                );
            }
            Sharing::Guest | Sharing::Full => {
                let own = leg.session.id == session.id;
                let visible = said.iter().filter(|line| match line.from {
                    Who::Guest => true,
                    // Notes stay at the desk that wrote them.
                    Who::Note => own,
                    Who::Bot | Who::Agent => level == Sharing::Full,
                });
                let zone = tenant
                    .and_then(|tenant| tenant.hours.as_ref())
                    .map_or(&directory.zone, |hours| &hours.zone);
                lines.extend(visible.flat_map(|line| shown(line, locale, zone)));
            }
        }
    }
    Ok(lines)
}

/// How much of a leg the desk of session `to` may see: what all transfers from there to here let
/// through. None for a leg that does not lead here.
fn level_of(
    running: &Running,
    journey: &JourneyView,
    leg: SessionId,
    to: SessionId,
) -> Option<Sharing> {
    if leg == to {
        return Some(Sharing::Full);
    }
    let directory = &running.company.directory;
    let last = journey.hops.iter().rposition(|hop| hop.to.session_id == to)?;
    let first = journey.hops[..=last].iter().position(|hop| hop.from.session_id == leg)?;
    let strictest = |level: Sharing, hop: &Hop| {
        let from = directory.tenant(&hop.from.tenant_id);
        // A department that is gone has nobody to say what is shared.
        from.map_or(Sharing::None, |from| {
            level
                .max(policy(directory, from, &TenantId::from(hop.to.tenant_id.as_str())).transcript)
        })
    };
    Some(journey.hops[first..=last].iter().fold(Sharing::Full, strictest))
}

/// From where to where a page of the lines goes; the first has the newest.
fn page_at(lines: &[String], page: usize) -> (usize, usize) {
    let (mut start, mut end) = (lines.len(), lines.len());
    for _ in 0..=page {
        (end, start) = (start, start);
        let mut size = 0;
        while start > 0 && end - start < LINES {
            size += parts::units(&words::leaf(&lines[start - 1], true)) + AROUND;
            if size > UNITS && start < end {
                break;
            }
            start -= 1;
        }
    }
    (start, end)
}

/// A line of the transcript; in several where it is long.
fn shown(line: &Line, locale: &str, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let time = time(locale, line.at, zone);
    let text = if line.deleted.is_some() { "–" } else { line.text.as_str() };
    let name = line.name.as_deref().unwrap_or("?");
    let name = if line.from == Who::Note { format!("// {name}") } else { name.to_owned() };
    let piece = |(at, text): (usize, String)| {
        let phrase = if at == 0 { "{time} {name}: {text}" } else { "… {text}" };
        fill(phrase, &[("time", &time), ("name", &name), ("text", &text)]).variable()
    };
    parts::plain(text, LINE).into_iter().enumerate().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_all_lines_once_and_none_too_many() {
        let line = |text: &str| Words::typed(text).variable();
        let mut lines: Vec<String> = (0..95).map(|n| line(&format!("line {n}"))).collect();
        lines[90] = line(&"*".repeat(2_000));
        lines.splice(50..50, (0..60).map(|_| line(&"<".repeat(2_000))));
        let (mut page, mut from) = (0, lines.len());
        while from > 0 {
            let (start, end) = page_at(&lines, page);
            assert!(end == from && start < end && end - start <= LINES, "{page}: {start} {end}");
            let size: usize =
                lines[start..end].iter().map(|line| parts::units(&words::leaf(line, true))).sum();
            assert!(size <= UNITS, "{size}");
            (page, from) = (page + 1, start);
        }
        assert_eq!(page_at(&lines, page), (0, 0));
        assert_eq!(page_at(&[], 0), (0, 0));
    }
}
