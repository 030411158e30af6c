//! English: a message that was left for a desk.

use crate::pipeline::language::left::LeftPhrases;

pub(super) static LEFT: LeftPhrases = LeftPhrases {
    how: "What you write next is something new. To add to this message, use this card or begin with “{ref}:”.",
    more: "Add to {ref}",
    add: "Add",
    withdraw: "Take it back",
    over: "Your message to {name}, {ref}, is closed.",
    added: "Added to {ref}: {name} reads it.",
    added_text: "Added to {ref}: {text}",
    nothing_to_add: "Write what you want to add into the card first, or begin with “{ref}:”.",
    add_ask: "Does that belong to {ref}, your message to {name}, or is it something new?",
    add_it: "Add to {ref}",
    add_words: &["add", "add it", "add this", "it belongs to it"],
    withdraw_ask: "Take your message {ref} back? {name} is told that you need no answer any more.",
    keep_it: "Leave it there",
    withdrawn: "Your message {ref} is taken back. {name} knows that you need no answer any more.",
    lies: "Your message {ref} is with {name}. They answer here, in this chat.",
    taken: "{agent} from {name} has your message {ref}.",
    mark: "{ref} · ",
    here: "{agent} from {name} is here about your message {ref}. To answer, use this card or begin with “{ref}:”.",
    still_here: "{agent} from {name} is still here about {ref}: what you write now goes there.",
    solved: "{agent} from {name} has solved this.",
    unsolved: "{agent} from {name} has closed this without a solution.",
    back_with: "You are with {agent} from {name} again, about {ref}. What you wrote is there.",
    desk_back: "{guest} is back about {ref}.",
    desk_withdrawn: "{guest} has taken this message back and needs no answer any more",
    desk_elsewhere: "{guest} is in another chat right now. Answer here, or try again later.",
};
