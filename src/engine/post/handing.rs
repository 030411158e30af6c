//! How a letter of each kind is handed over, and where it goes.

use std::time::Duration;

use super::{
    courier::Courier,
    hooks,
    trial::{Run, channel_in},
};
use crate::{
    model::LetterId,
    store::{Delivery, Outgoing, Receipt},
    teams::connector::{Opened, SendError},
};

/// How long after a failure the store is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

impl Courier {
    /// Makes one attempt; `run` tells where it went.
    pub(super) async fn send(
        &self,
        letter: &Outgoing,
        run: &mut Run,
    ) -> Result<Receipt, SendError> {
        let (connector, url, conversation, now) =
            (&self.connector, &letter.service_url, &letter.conversation.id, (self.clock)());
        run.place.clone_from(conversation);
        run.went = true;
        match &letter.kind {
            Delivery::Post(reply_to) => {
                let activity = connector
                    .send(url, conversation, reply_to.as_deref(), &letter.body, now)
                    .await?;
                Ok(Receipt { activity, conversation: None })
            }
            Delivery::Put { of, fallback } => {
                let Receipt { activity, conversation: place } =
                    self.receipt_of(*of, run).await?.unwrap_or_default();
                // The connector took the card without telling its id: there is nothing to replace.
                let Some(activity) = activity.or_else(|| fallback.clone()) else {
                    run.went = false;
                    return Ok(Receipt::default());
                };
                if let Some(place) = &place {
                    run.place.clone_from(place);
                }
                let activity =
                    connector.update(url, &run.place, &activity, &letter.body, now).await?;
                Ok(Receipt { activity, conversation: place })
            }
            Delivery::Open { .. } => {
                // A thread that is not there yet is another one at each letter.
                run.place = format!("{};open={}", channel_in(&letter.body), letter.id);
                let Opened { conversation, activity } =
                    connector.open_thread(url, &letter.body, now).await?;
                Ok(Receipt { activity, conversation })
            }
            Delivery::In { thread } => {
                let place =
                    self.receipt_of(*thread, run).await?.and_then(|receipt| receipt.conversation);
                // The letter that opens it came earlier in this queue: its turn is over.
                let Some(place) = place else {
                    run.went = false;
                    let code = "ThreadNotOpened".to_owned();
                    return Err(SendError::Gone { code, may_pass: false });
                };
                run.place.clone_from(&place);
                let activity = connector.send(url, &place, None, &letter.body, now).await?;
                Ok(Receipt { activity, conversation: Some(place) })
            }
            Delivery::Hook { secret } => {
                hooks::send(&self.caller, letter, secret, now).await.map(|()| Receipt::default())
            }
        }
    }

    /// What the connector told of a letter that was sent before, in this queue or by an earlier
    /// process. A store that cannot say is no fault of the letter's: it is asked again.
    pub(super) async fn receipt_of(
        &self,
        letter: LetterId,
        run: &Run,
    ) -> Result<Option<Receipt>, SendError> {
        if let Some(receipt) = run.receipts.get(&letter) {
            return Ok(Some(receipt.clone()));
        }
        loop {
            let error = match self.store.receipt_of(letter).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            tracing::error!(%error, "it could not be read where a letter goes");
            tokio::select! {
                () = self.stop.cancelled() => return Err(SendError::Temporary {
                    reason: error.to_string(),
                    maybe_delivered: false,
                    after: None,
                }),
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
        }
    }
}
