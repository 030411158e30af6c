//! What is said around a form that is filled in by typing.

/// The sentences of one language, and its names of months.
#[derive(Debug)]
pub struct FormPhrases {
    /// What was read out of the guest's words. `{values}`
    pub understood: &'static str,
    /// What is asked next. `{label}`
    pub needed: &'static str,
    /// The same where it is one of a few. `{label}` `{choices}`
    pub needed_of: &'static str,
    /// All is there: it is checked before it counts. `{send}`
    pub check: &'static str,
    /// It is not right yet. `{label}`
    pub change: &'static str,
    /// Nothing was read out of the guest's words. `{label}` `{send}`
    pub unread: &'static str,
    /// The second time. `{send}` `{help}`
    pub unread_again: &'static str,
    /// The months, January first: every name and short form, in small letters, without accents and
    /// points.
    pub months: [&'static [&'static str]; 12],
}
