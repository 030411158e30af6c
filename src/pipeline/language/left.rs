//! What is said of a message that was left for a desk, while the guest is free for something else.

/// The sentences of one language; those with `desk_` are read at the desk.
#[derive(Debug)]
pub struct LeftPhrases {
    /// On the card: how more is added. `{ref}`
    pub how: &'static str,
    /// Label of the card's field. `{ref}`
    pub more: &'static str,
    /// Button.
    pub add: &'static str,
    /// Button, and the end of a chat in which a message was left.
    pub withdraw: &'static str,
    /// On the card when nothing can be done with it any more. `{ref}` `{name}`
    pub over: &'static str,
    /// Words were added. `{ref}` `{name}`
    pub added: &'static str,
    /// Words were added with the card. `{ref}` `{name}` `{text}`
    pub added_text: &'static str,
    /// The card was sent without words. `{ref}`
    pub nothing_to_add: &'static str,
    /// Do these words belong to it? `{ref}` `{name}`
    pub add_ask: &'static str,
    /// Button: they do. `{ref}`
    pub add_it: &'static str,
    /// Words that count as that button.
    pub add_words: &'static [&'static str],
    /// Really take it back? `{ref}` `{name}`
    pub withdraw_ask: &'static str,
    /// Button: it stays there.
    pub keep_it: &'static str,
    /// It was taken back. `{ref}` `{name}`
    pub withdrawn: &'static str,
    /// How a message stands. `{ref}` `{name}`
    pub lies: &'static str,
    /// How it stands when an agent has it. `{ref}` `{name}` `{agent}`
    pub taken: &'static str,
    /// In front of what is said of another matter than the one in which the guest is. `{ref}`
    pub mark: &'static str,
    /// An agent is there, while the guest is in another matter. `{ref}` `{name}` `{agent}`
    pub here: &'static str,
    /// The other matter is over, and an agent is still there. `{ref}` `{name}` `{agent}`
    pub still_here: &'static str,
    /// An agent has solved it meanwhile. `{ref}` `{name}` `{agent}`
    pub solved: &'static str,
    /// An agent could not solve it. `{ref}` `{name}` `{agent}`
    pub unsolved: &'static str,
    /// The guest is back with the agent who had it. `{ref}` `{name}` `{agent}`
    pub back_with: &'static str,
    /// At the desk: the guest has come back. `{guest}` `{ref}`
    pub desk_back: &'static str,
    /// At the desk: the guest needs no answer any more. `{guest}`
    pub desk_withdrawn: &'static str,
    /// To an agent: why the guest is not moved. `{guest}`
    pub desk_elsewhere: &'static str,
}
