//! Desks: agents in the threads of a team's channels and in their own chats with the bot.

mod act;
mod asked;
mod channel;
mod chats;
mod connect;
mod lost;
mod means;
mod news;
mod numbers;
mod outsiders;
mod reworded;
mod transcript;
mod waiting;
mod words;

pub(super) use self::{
    channel::Channel,
    chats::in_chat,
    connect::{break_desk, code},
    lost::{heard_from, left_chat, undeliverable},
    means::{Incoming, Means},
    waiting::offer,
};
