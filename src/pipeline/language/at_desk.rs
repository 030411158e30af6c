//! What is said between a guest and a desk, and at the desk.

use super::format::Counted;

/// The sentences of one language; those with `desk_` and the labels are read at the desk.
#[derive(Debug)]
pub struct DeskPhrases {
    /// A person is asked for. `{name}`
    pub asked: &'static str,
    /// Where the guest stands in the queue. `{position}`
    pub position: &'static str,
    /// How long it may take. `{minutes}`
    pub estimate: Counted,
    /// An agent has taken the chat. `{agent}` `{name}`
    pub joined: &'static str,
    /// The guest is with an agent already. `{agent}`
    pub with: &'static str,
    /// An agent's words. `{agent}` `{text}`
    pub says: &'static str,
    /// No desk can be told. `{name}`
    pub nobody: &'static str,
    /// Nobody came in time. `{name}`
    pub too_long: &'static str,
    /// Asks for a message. `{name}`
    pub leave: &'static str,
    /// A message was left. `{name}` `{ref}`
    pub left: &'static str,
    /// The words of a guest whom no desk can hear yet. `{name}`
    pub kept: &'static str,
    /// What the card of a guest who waited becomes.
    pub no_longer_asked: &'static str,
    /// The owner gave the chat back, or cannot have it any more. `{agent}` `{name}`
    pub again: &'static str,
    /// The same where nobody else can be asked now. `{agent}`
    pub again_alone: &'static str,
    /// The owner did not answer. `{agent}` `{name}`
    pub again_silent: &'static str,
    /// Asks how it was.
    pub survey: &'static str,
    /// Label of the rating.
    pub rating: &'static str,
    /// The best rating. `{rating}`
    pub best: &'static str,
    /// The worst rating.
    pub worst: &'static str,
    /// Label of the comment.
    pub comment: &'static str,
    /// Not a rating. `{scale}`
    pub not_a_rating: &'static str,
    /// At the desk: nobody has it. `{guest}` `{time}`
    pub desk_waits: &'static str,
    /// At the desk: a message was left. `{guest}` `{time}`
    pub desk_message: &'static str,
    /// At the desk: who has it. `{agent}` `{guest}`
    pub desk_owner: &'static str,
    /// At the desk: it is done. `{agent}`
    pub desk_resolved: &'static str,
    /// At the desk: it could not be solved. `{agent}`
    pub desk_closed: &'static str,
    /// At the desk: the guest is elsewhere. `{guest}` `{to}`
    pub desk_moved: &'static str,
    /// At the desk: the guest left. `{guest}`
    pub desk_gone: &'static str,
    /// At the desk: nobody came in time. `{guest}`
    pub desk_too_long: &'static str,
    /// At the desk: the guest's words. `{guest}` `{text}`
    pub desk_says: &'static str,
    /// To an agent: somebody was faster. `{agent}`
    pub desk_taken: &'static str,
    /// To an agent: it is theirs.
    pub desk_yours: &'static str,
    /// To an agent: it is over.
    pub desk_over: &'static str,
    /// Before the sentence that says where it is.
    pub desk_not_sent: &'static str,
    /// The same: its matter has ended. `{ref}` `{guest}` `{time}`
    pub desk_over_closed: &'static str,
    /// The same: the guest is at another department. `{ref}` `{guest}` `{to}` `{time}`
    pub desk_over_moved: &'static str,
    /// The same: it goes on without a person. `{ref}` `{guest}`
    pub desk_over_here: &'static str,
    /// To an agent: the chat was offered, and is no longer. `{ref}`
    pub desk_over_offered: &'static str,
    /// To an agent: their words begin with the number of another's chat.
    pub desk_not_yours: &'static str,
    /// To an agent: the button is of an earlier card. `{agent}`
    pub desk_stale: &'static str,
    /// To whoever has the chat: the button is of an earlier card.
    pub desk_stale_own: &'static str,
    /// To an agent who had the chat and writes on. `{agent}`
    pub desk_parted: &'static str,
    /// The same in their own chat. `{agent}` `{ref}`
    pub desk_parted_in: &'static str,
    /// Button.
    pub hand: &'static str,
    /// Label.
    pub colleague: &'static str,
    /// Label.
    pub hand_note: &'static str,
    /// Button.
    pub take_over: &'static str,
    /// To the guest: a colleague goes on. `{agent}` `{name}` `{from}`
    pub handed: &'static str,
    /// To the guest: a colleague goes on, who came by themselves. `{agent}` `{name}` `{from}`
    pub taken_over: &'static str,
    /// At the desk: a colleague goes on. `{from}` `{agent}`
    pub desk_handed: &'static str,
    /// To whoever has handed a chat to a colleague, in their own chat. `{ref}` `{agent}`
    pub desk_handed_on: &'static str,
    /// To whoever was handed a chat, in their own chat. `{ref}` `{from}`
    pub desk_handed_you: &'static str,
    /// At the desk: a colleague goes on, who came by themselves. `{from}` `{agent}`
    pub desk_taken_over: &'static str,
    /// To an agent who hands a chat to themselves.
    pub hand_self: &'static str,
    /// To an agent: nobody of that name.
    pub hand_unknown: &'static str,
    /// To an agent: the colleague gets no chats. `{agent}`
    pub hand_away: &'static str,
    /// To an agent: the colleague has as many chats as they may. `{agent}`
    pub hand_full: &'static str,
    /// To an agent: nobody has it.
    pub desk_take_first: &'static str,
    /// To an agent: the rules forbid it. `{reason}`
    pub desk_refused: &'static str,
    /// At the desk: the guest has a word in it. `{guest}` `{to}`
    pub desk_guest_asked: &'static str,
    /// At the desk: the guest said no. `{guest}` `{to}`
    pub desk_stays: &'static str,
    /// At the desk: the guest wrote something else. `{guest}` `{to}`
    pub desk_unanswered: &'static str,
    /// To a silent owner, who is called by name before it. `{guest}` `{time}`
    pub desk_remind: &'static str,
    /// The same in their own chat. `{ref}` `{guest}` `{time}`
    pub desk_remind_in: &'static str,
    /// To an owner who did not answer, called by name before it: the chat is offered again. `{guest}`
    pub desk_again: &'static str,
    /// The same in their own chat. `{ref}` `{guest}`
    pub desk_again_in: &'static str,
    /// The owner gave it back. `{agent}`
    pub desk_released: &'static str,
    /// Button.
    pub take: &'static str,
    /// Button.
    pub resolve: &'static str,
    /// Button.
    pub transfer: &'static str,
    /// Button.
    pub release: &'static str,
    /// Label.
    pub outcome: &'static str,
    /// At the desk, in a word: nobody has it.
    pub state_waits: &'static str,
    /// Somebody has it.
    pub state_with: &'static str,
    /// A message was left.
    pub state_message: &'static str,
    /// It is over, whatever came of it.
    pub state_over: &'static str,
    /// Label: what the guest wrote first, where they asked something else since.
    pub first_words: &'static str,
    /// Choice.
    pub solved: &'static str,
    /// Choice.
    pub not_solved: &'static str,
    /// Label.
    pub notes: &'static str,
    /// Title of the form in which an article is proposed.
    pub faq: &'static str,
    /// Its field for the question.
    pub faq_question: &'static str,
    /// Its field for the answer.
    pub faq_answer: &'static str,
    /// The field of the form with which a chat is closed.
    pub solution: &'static str,
    /// To an agent: an article was proposed.
    pub desk_proposed: &'static str,
    /// Label.
    pub department: &'static str,
    /// Label.
    pub why: &'static str,
    /// Label.
    pub note: &'static str,
    /// Label.
    pub employee: &'static str,
    /// Label.
    pub question: &'static str,
    /// Label: the words of a message that was left.
    pub message: &'static str,
    /// Label: how long the employee waited before this wait.
    pub waited_before: &'static str,
    /// So long. `{minutes}`
    pub minutes: Counted,
    /// Label.
    pub path: &'static str,
    /// The department is gone, and its desk cannot be reached by the bot. `{name}` `{guest}` `{front}`
    pub desk_departed: &'static str,
    /// What the department asks first and did not ask of whom an agent handed over.
    pub unasked: &'static str,
    /// A department of the list that is closed. `{name}` `{until}`
    pub target_closed: &'static str,
    /// The same without a time. `{name}`
    pub target_closed_open_end: &'static str,
    /// A department of the list where nobody can be told. `{name}`
    pub target_nobody: &'static str,
    /// Label.
    pub reason: &'static str,
    /// Why the guest came: their own wish.
    pub reason_chosen: &'static str,
    /// Why the guest came: an answer of this department's. `{question}`
    pub reason_answer: &'static str,
    /// To whoever connects a channel.
    pub code_bad: &'static str,
    /// To whoever connects a channel. `{name}`
    pub connected: &'static str,
    /// To whoever connects a confidential department. `{name}`
    pub connected_confidential: &'static str,
    /// To whoever connects a confidential department in a shared channel. `{name}`
    pub connected_shared: &'static str,
    /// To whoever connects a private or shared channel: the bot reads there only what mentions it.
    pub connected_mention: &'static str,
    /// In a channel: what to write to make it a desk.
    pub connect_how: &'static str,
    /// In a channel: how a desk works, in Markdown.
    pub desk_help: &'static str,
    /// In a channel: whose desk it is. `{names}`
    pub desk_of: &'static str,
    /// In a thread: how its matter stands. `{ref}` `{name}` `{status}`
    pub desk_status: &'static str,
    /// In a channel: being away is for others.
    pub desk_away_here: &'static str,
    /// In a thread: a command that is a guest's.
    pub desk_for_employees: &'static str,
    /// At the desk: nothing arrives at the guest. `{guest}`
    pub desk_unreachable: &'static str,
    /// Label: what was written for the agents.
    pub remark: &'static str,
    /// Button.
    pub transcript: &'static str,
    /// Button.
    pub earlier: &'static str,
    /// Title of a transcript.
    pub said: &'static str,
    /// A leg of another department that is not shared. `{name}`
    pub not_shared: &'static str,
    /// A leg of another department of which only this is shared. `{name}` `{count}`
    pub summary: &'static str,
    /// To whoever asked for the transcript.
    pub in_thread: &'static str,
    /// The same in a personal chat.
    pub in_chat: &'static str,
    /// In an agent's personal chat: the guest's words. `{ref}` `{guest}` `{text}`
    pub desk_says_in: &'static str,
    /// In an agent's personal chat: they did not accept in time.
    pub desk_next: &'static str,
    /// To an agent who writes right after their last chat has ended. `{ref}`
    pub desk_after: &'static str,
    /// The same when somebody else has the chat now. `{ref}` `{agent}`
    pub desk_after_with: &'static str,
    /// The same when the chat is offered again. `{ref}`
    pub desk_after_offered: &'static str,
    /// To an agent: they have as many chats as they may.
    pub desk_full: &'static str,
    /// To an agent with several chats. `{first}` `{list}`
    pub desk_which: &'static str,
    /// One of an agent's chats in a list. `{ref}` `{guest}` `{text}`
    pub desk_one: &'static str,
    /// To an agent: begins what they read of their work in their own chat.
    pub work: &'static str,
    /// To an agent: a desk of theirs. `{name}` `{hours}`
    pub work_desk: &'static str,
    /// In place of the hours of a department that has none.
    pub work_always: &'static str,
    /// To an agent: when chats are offered outside of the hours.
    pub work_night: &'static str,
    /// To an agent: how they answer.
    pub work_how: &'static str,
    /// To an agent: the chats that they have. `{list}`
    pub work_chats: &'static str,
    /// To an agent: their own matters.
    pub work_own: &'static str,
    /// To an agent: they get chats.
    pub desk_available: &'static str,
    /// To an agent: they get none.
    pub desk_away: &'static str,
    /// To whoever wrote something that did not arrive, and in the record. `{text}` `{name}` `{why}`
    pub lost: &'static str,
    /// The same of a change of what had arrived. `{text}` `{name}` `{why}`
    pub change_lost: &'static str,
    /// In the record: a message of the bot's own did not arrive. `{name}` `{why}`
    pub bot_lost: &'static str,
    /// Why: the place is gone.
    pub lost_gone: &'static str,
    /// Why: it was refused.
    pub lost_refused: &'static str,
    /// Why: nobody was reached for days.
    pub lost_late: &'static str,
    /// Why: nobody said whether it arrived.
    pub lost_doubtful: &'static str,
    /// At the desk: the earlier thread takes nothing any more. `{guest}`
    pub desk_thread_again: &'static str,
    /// To an agent who could not be written to and is heard of again.
    pub desk_back: &'static str,
    /// To whoever sent what cannot be carried. `{files}`
    pub file_lost: &'static str,
    /// To a guest who sent a file while no human is concerned. `{files}`
    pub file_nobody: &'static str,
    /// To whoever sent a file. `{file}`
    pub file_large: &'static str,
    /// A file was not delivered: its sender has sent too much in a day. `{file}`
    pub file_day: &'static str,
    /// A file was not delivered: there is no room for files. `{file}`
    pub file_full: &'static str,
    /// To whoever sent a file that could not be fetched. `{file}`
    pub file_unread: &'static str,
    /// To whoever sent a file for a chat that is over. `{file}`
    pub file_late: &'static str,
    /// An agent's file; Markdown. `{agent}` `{file}` `{link}` `{size}`
    pub file_came: &'static str,
    /// A file in a transcript. `{file}` `{size}`
    pub file_line: &'static str,
    /// At the desk: the guest's file; Markdown. `{guest}` `{file}` `{link}` `{size}`
    pub desk_file: &'static str,
    /// In an agent's personal chat: the guest's file; Markdown. `{ref}` `{guest}` `{file}` `{link}`
    /// `{size}`
    pub desk_file_in: &'static str,
    /// At the desk: the guest's file did not arrive. `{guest}` `{file}`
    pub desk_file_lost: &'static str,
    /// At the desk: the guest changed what they wrote. `{guest}` `{text}`
    pub desk_edited: &'static str,
    /// At the desk: the guest deleted what they wrote. `{guest}`
    pub desk_deleted: &'static str,
    /// At the desk: the guest undid that. `{guest}` `{text}`
    pub desk_restored: &'static str,
    /// To somebody at a desk whose message held no words.
    pub desk_wordless: &'static str,
    /// To the guest, in place of a message that an agent deleted. `{agent}`
    pub took_back: &'static str,
    /// To an agent who made a note of what the guest has read.
    pub desk_read: &'static str,
    /// To an agent who edited a note.
    pub desk_stays_note: &'static str,
    /// Button.
    pub consult: &'static str,
    /// Label.
    pub ask: &'static str,
    /// At another desk: a side question. `{agent}` `{name}` `{ref}` `{question}`
    pub desk_asks: &'static str,
    /// At the desk: the answer to a side question. `{agent}` `{name}` `{text}`
    pub desk_advice: &'static str,
    /// To an agent: the side question is on its way. `{name}`
    pub desk_asked: &'static str,
    /// To somebody from outside the company who acts at a desk.
    pub desk_outsider: &'static str,
    /// To a guest of the tenant, or somebody of another one, who writes the connect command.
    pub connect_outsider: &'static str,
    /// At the desk: whoever had the chat is no agent there any more. `{agent}`
    pub desk_removed: &'static str,
    /// At the desk: nothing reaches whoever had the chat. `{agent}`
    pub desk_lost: &'static str,
    /// To somebody who is no agent any more, about a chat they had or were offered. `{ref}`
    pub desk_removed_you: &'static str,
    /// In the thread of a channel that is a desk no longer. `{name}`
    pub desk_elsewhere: &'static str,
    /// To somebody at a desk who could not be looked up.
    pub desk_who: &'static str,
    /// To an agent: nobody can be asked there.
    pub desk_not_asked: &'static str,
    /// The guest wants a person where none answers: departments in which some do. `{name}`
    pub people_elsewhere: &'static str,
    /// The same where there is no such department.
    pub people_nowhere: &'static str,
    /// The guest wants a person where nobody is there now: whom else they can ask. `{name}`
    pub people_later: &'static str,
    /// Files came before any word; asks what it is about. `{files}`
    pub kept_file: &'static str,
    /// The same for one picture.
    pub kept_picture: &'static str,
    /// Files came before a person is there. `{files}`
    pub kept_for_desk: &'static str,
    /// Label of files that came before a person was there.
    pub files: &'static str,
}
