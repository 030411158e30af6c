//! What turns leave behind and nobody needs.

use jiff::{SignedDuration, Timestamp};

use super::Turns;
use crate::store::StoreError;

/// So long a version stays at least after it was first used.
const KEEP_VERSIONS: SignedDuration = SignedDuration::from_hours(24);

impl Turns {
    /// Lets go of versions on which nothing stands, once an hour; false at any other time.
    pub(in crate::engine) async fn forget_versions(
        &self,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if !self.versions.is_time_to_forget(self.steady.now()) {
            return Ok(false);
        }
        let span = SignedDuration::try_from(self.running().company.directory.reopen)
            .unwrap_or(KEEP_VERSIONS)
            .max(KEEP_VERSIONS);
        if self.store.forget_versions(now.checked_sub(span).unwrap_or(now)).await? > 0 {
            self.versions.forget();
        }
        Ok(true)
    }
}
