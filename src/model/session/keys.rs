//! Keys of a session's metadata that the product itself writes. The six of a hop are on both of its
//! sessions, with the same values on both.

/// The sender's session id.
pub const FROM_SESSION: &str = "Session.TransferredFrom.SessionId";
/// The sender's tenant id.
pub const FROM_TENANT: &str = "Session.TransferredFrom.TenantId";
/// The sender's tenant name.
pub const FROM_NAME: &str = "Session.TransferredFrom.TenantName";
/// The receiver's session id.
pub const TO_SESSION: &str = "Session.TransferredTo.SessionId";
/// The receiver's tenant id.
pub const TO_TENANT: &str = "Session.TransferredTo.TenantId";
/// The receiver's tenant name.
pub const TO_NAME: &str = "Session.TransferredTo.TenantName";
/// The guest's first words of the journey.
pub const QUESTION: &str = "Guest.Question";
/// The code of the latest refused transfer.
pub const ERROR: &str = "Transfer.Error";
/// The same in words for the guest.
pub const MESSAGE: &str = "Transfer.Message";
/// Whether the matter is solved, as whoever judged it last said.
pub const RESOLVED: &str = "Session.Status.IsResolved";
/// Who that was: `agent`, `manager`, or `guest` (an answer of a FAQ helped); none when only the
/// pipeline's last stage said something.
pub const RESOLVED_BY: &str = "Session.Status.ResolvedBy";
/// The id of that agent or manager.
pub const RESOLVED_BY_ID: &str = "Session.Status.ResolvedByAgentId";
/// Their name.
pub const RESOLVED_BY_NAME: &str = "Session.Status.ResolvedByAgentName";
/// What they wrote for the record.
pub const NOTES: &str = "Session.Status.ResolutionNotes";
