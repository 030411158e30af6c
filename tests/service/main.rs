//! Tests over real HTTP against a stand-in for Microsoft. One binary, so that it links once.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test program exports nothing, and a failed unwrap is a failed test"
)]

mod admin;
mod agents;
mod agents_at_work;
mod answers;
mod app;
mod at_work;
mod calls;
mod channels;
mod commands;
mod company;
mod connector;
mod deliveries;
mod departments;
mod desks;
mod doors;
mod drafts;
mod earlier;
mod elsewhere;
mod fake_teams;
mod files;
mod first_hour;
mod first_start;
mod flaky;
mod followed;
mod forge;
mod hand;
mod hooks;
mod keys;
mod kills;
mod late;
mod later;
mod leaks;
mod left;
mod live_files;
mod local;
mod look;
mod manager;
mod may;
mod modes;
mod once;
mod pace;
mod package;
mod pages;
mod patience;
mod personal_desks;
mod places;
mod private;
mod recorded;
mod replay;
mod restarts;
mod retention;
mod returning;
mod safety;
mod shown;
mod silent;
mod slow;
mod storage;
mod stories;
mod strangers;
mod talk;
mod threads;
mod tokens;
mod tongue;
mod transfers;
mod troubles;
mod undo;
mod webchat;
mod wire;
mod wire_cases;
mod words;
