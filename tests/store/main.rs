//! The promises of `switchboard::store::Store`, held against every implementation. Each promise is
//! written once, against the trait.

mod desks;
mod faq;
mod files;
mod later;
mod letters;
mod lists;
mod make;
mod retention;
mod sqlite;
mod suggestions;
mod turns;

use std::{future::Future, sync::Arc};

use switchboard::store::{Store, StoreError};

/// Plays a promise against an empty store of each kind.
macro_rules! promises {
    ($($module:ident: $($name:ident),+;)+) => {
        mod memory { $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::in_memory(crate::$module::$name).await }
        )+)+ }
        mod in_sqlite { $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::in_sqlite_file(crate::$module::$name).await }
        )+)+ }
    };
}

promises! {
    turns:
        a_conversation_comes_back_as_it_was_written,
        only_changed_sessions_and_new_hops_are_written,
        a_new_journey_takes_the_place_of_the_old_one,
        what_lies_at_a_desk_goes_on_beside_the_present_journey,
        a_stale_version_changes_nothing_at_all,
        a_key_that_was_seen_changes_nothing_at_all,
        of_two_new_conversations_one_wins,
        a_seen_key_is_found_until_it_expires,
        turns_that_contradict_themselves_are_refused_whole,
        the_flow_trail_closes_what_is_open,
        nasty_strings_come_back,
        many_conversations_at_once_are_all_kept,
        a_race_on_one_conversation_loses_nothing,
        who_reads_is_not_kept_out_by_those_who_write,
        callers_that_go_away_leave_whole_turns,
        a_closed_store_refuses;
    letters:
        pending_letters_come_in_the_order_of_their_turns,
        a_letter_is_pending_until_it_is_sent_or_dead,
        a_dead_letter_is_revived_at_its_old_place,
        what_waits_or_is_dropped_costs_no_attempt_and_is_seen,
        all_letters_of_an_outage_are_revived_at_once,
        marks_that_come_late_change_nothing,
        a_receipt_keeps_what_it_was_told,
        an_unknown_letter_is_an_error,
        pending_letters_go_where_the_conversation_is_now,
        a_letter_needs_no_stored_conversation,
        a_pause_is_kept_until_it_is_over,
        numbers_are_never_given_twice,
        what_counts_no_longer_holds_nothing_of_what_it_held;
    suggestions:
        a_proposal_is_decided_on_once,
        proposals_of_a_turn_that_failed_are_not_kept;
    faq:
        answers_are_counted_once_a_session,
        answers_of_a_turn_that_failed_are_not_kept;
    later:
        what_hangs_on_a_journey_comes_back,
        hops_go_forward_and_back,
        an_edit_changes_the_guests_line,
        a_deleted_line_stays_without_its_words,
        an_edit_stays_in_its_conversation,
        what_was_said_at_a_desk_is_found_and_edited_by_its_author,
        what_is_due_is_found_the_longest_overdue_first,
        a_turn_replaces_what_was_due,
        a_version_is_kept_as_it_was_first,
        versions_that_are_used_are_not_forgotten,
        a_turn_that_fails_leaves_nothing_of_all_this;
    lists:
        every_filter_finds_its_own,
        pages_are_stable_while_sessions_begin,
        sessions_that_began_at_once_are_paged_too,
        a_strange_cursor_is_refused,
        the_transcript_is_in_order_and_knows_the_activity_ids,
        a_transcript_comes_in_pages,
        a_journey_shows_all_that_hangs_on_it,
        live_sessions_are_counted;
    desks:
        a_thread_is_found_once_it_is_open,
        a_thread_that_was_not_opened_is_none,
        a_thread_is_forgotten_when_its_session_ended_long_ago,
        letters_to_a_desk_keep_their_own_service_address,
        letters_to_another_system_keep_their_address,
        a_tenant_has_one_desk,
        a_broken_desk_says_why_until_one_is_connected,
        a_code_works_once_and_in_time,
        of_many_who_take_a_code_one_gets_it,
        an_agent_is_kept_as_bound_last,
        a_session_has_one_agent,
        a_turn_that_gives_too_much_changes_nothing,
        an_agent_never_has_too_many;
    files:
        a_file_is_on_its_way_until_somebody_was_told,
        of_a_file_somebody_is_told_once,
        files_are_swept_when_their_time_or_their_session_is_over,
        no_more_files_are_kept_than_there_is_room_for,
        a_secret_is_made_once_until_it_is_replaced;
}

async fn in_memory<F: Future<Output = ()>>(promise: impl FnOnce(Arc<dyn Store>) -> F) {
    let store = switchboard::store::open("memory:").await.expect("memory opens");
    promise(Arc::clone(&store)).await;
    store.close().await;
}

async fn in_sqlite_file<F: Future<Output = ()>>(promise: impl FnOnce(Arc<dyn Store>) -> F) {
    let directory = tempfile::tempdir().expect("a directory");
    let store =
        switchboard::store::open(&format!("sqlite:{}", directory.path().join("s.db").display()))
            .await
            .expect("a file opens");
    promise(Arc::clone(&store)).await;
    store.close().await;
}

#[tokio::test]
async fn addresses_that_cannot_be_opened_say_what_can() {
    for (address, says) in [
        ("postgres://user:secret@host/db", "not supported yet"),
        ("postgresql://user:secret@host/db", "not supported yet"),
        ("mysql://user:secret@host/db", "no kind of store"),
        ("switchboard.db", "no kind of store"),
        ("sqlite:", "needs the path of a file"),
        ("sqlite::memory:", "needs the path of a file"),
        ("sqlite:x.db?mode=rwc", "without options"),
        ("memory:x", "nothing after the colon"),
    ] {
        let Err(StoreError::Broken(message)) = switchboard::store::open(address).await else {
            panic!("{address} opens")
        };
        assert!(
            message.contains(says) && message.contains("sqlite:") && message.contains("memory:"),
            "{address}: {message}"
        );
        assert!(!message.contains("secret"), "{message}");
    }
}
