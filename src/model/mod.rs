//! Floor 0: the words of the product. Pure: no clock, no chance, no input or output.

mod guest;
mod ids;
mod inbound;

pub use guest::Guest;
pub use ids::{ConversationId, JourneyId, LetterId, PipelineId, SessionId, StageId, TenantId};
pub use inbound::{Account, Inbound, Scope, What};
