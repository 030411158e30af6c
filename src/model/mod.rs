//! Floor 0: the words of the product. Pure: no clock, no chance, no input or output.

#![warn(missing_docs)]

mod account;
pub mod address;
mod article;
mod asking;
mod by;
mod call;
mod carried;
mod conversation;
mod desk;
mod effect;
mod event;
pub mod file;
mod guest;
pub mod hours;
mod ids;
mod inbound;
mod journey;
pub mod locale;
pub mod mark;
pub mod markdown;
mod metadata;
mod moment;
mod named;
pub mod parts;
pub mod session;
mod shape;
mod slip;
mod spoken;
mod token;
mod veil;
pub mod words;

pub use account::{Account, Reference};
pub use article::{Article, Found, Shown, Verdict};
pub use asking::{Aside, AsideAsks, Asks, Move, Waiting};
pub use by::{By, ByKind};
pub use call::{Call, CallError, Called, Header, Method, Request};
pub use carried::{Carried, Undelivered};
pub use conversation::Conversation;
pub use desk::{Act, Agent, Asked, AtDesk, Consult, Taken, Voice};
pub use effect::{Above, Body, Card, DeskLetter, Effect, Letter, Step, Withheld};
pub use event::Event;
pub use file::{Arrival, Fate, File, FileKind, KeptFile, Loss, Sender};
pub use guest::Guest;
pub use ids::{
    CallId, ConversationId, FileId, JourneyId, LetterId, PipelineId, SessionId, StageId,
    SuggestionId, TenantId,
};
pub use inbound::{Channel, Enclosed, Inbound, PlaceNews, Scope, What};
pub use journey::{Course, Duty, Hop, HopKind, Joined, Journey, Offer, Reopen, Side};
pub use metadata::{Entry, Metadata};
pub use moment::{Moment, Monotonic};
pub use named::Named;
pub use session::{Session, Start, State, Unasked};
pub use shape::Shape;
pub use slip::{Past, Slip};
pub use spoken::Spoken;
pub use token::Token;
pub use words::Words;
