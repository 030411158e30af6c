//! What is said of files that go between a guest and a desk.

use serde_json::{Value, json};

use crate::{
    model::{Agent, KeptFile, Words},
    pipeline::{
        cx::Cx,
        language::{self, fill, phrases},
    },
};

impl Cx<'_> {
    /// A guest's file is there: the desk reads of it, the transcript keeps its name.
    pub fn file_from_guest(&mut self, name: &str, size: u64, link: &str) {
        let line = self.file_line(name, size);
        self.heard(line.as_str());
        let (now, desk) = (self.now(), self.desk_phrases().desk);
        let (guest, reference) = (self.guest_name().to_owned(), self.session().reference.clone());
        let size = language::size(size, &self.tenant.locale);
        let Some(help) = &mut self.session_mut().desk else { return };
        // Should it have to be said again, it is said with the link as plain text.
        let again = format!("{line} {link}");
        help.owe_answer(now);
        let phrase = if help.brief.is_some() {
            desk.desk_file
        } else if help.owner_in_person().is_some() {
            desk.desk_file_in
        } else {
            let is_unheard = help.asked.is_empty();
            help.unsent.push(again);
            if is_unheard {
                let words = fill(self.phrases().desk.kept, &[("name", &self.tenant.name)]);
                self.say(words);
            }
            return;
        };
        help.open_words.push(again);
        let words = linked(
            phrase,
            link,
            &[("ref", &reference), ("guest", &guest), ("file", name), ("size", &size)],
        );
        if let Some(letter) = self.to_desk(words) {
            self.carries(letter, &line, None);
        }
    }

    /// A guest's file is there before a person is: it waits for the brief, the transcript keeps its
    /// name. A desk that has the chat by now reads of it at once.
    pub fn keep_file(&mut self, name: &str, size: u64, link: &str) {
        if self.session().desk.is_some() {
            self.file_from_guest(name, size, link);
            return;
        }
        let line = self.file_line(name, size);
        self.heard(line.as_str());
        let (name, link) = (name.to_owned(), link.to_owned());
        self.session_mut().kept.push(KeptFile { name, size, link });
    }

    /// The files that came before a person was there, as a fact of the brief.
    pub(super) fn kept_files(&self) -> Option<Value> {
        let of = |file: &KeptFile| {
            let size = language::size(file.size, &self.tenant.locale);
            linked(
                "[{file}]({link}) ({size})",
                &file.link,
                &[("file", &file.name), ("size", &size)],
            )
            .variable()
        };
        let files: Vec<String> = self.session().kept.iter().map(of).collect();
        let title = self.desk_phrases().desk.files;
        (!files.is_empty()).then(|| json!({ "title": title, "value": files.join("\n\n") }))
    }

    /// An agent's file is there: the guest reads of it, the transcript keeps its name.
    pub fn file_from_agent(&mut self, by: &Agent, name: &str, size: u64, link: &str) {
        let shown = language::size(size, self.locale());
        let words = linked(
            self.phrases().desk.file_came,
            link,
            &[("agent", &by.name), ("file", name), ("size", &shown)],
        );
        let text = self.file_line(name, size);
        self.say_for(by, words, text);
        let now = self.now();
        // Only whoever has the chat answers with it.
        if let Some(help) = self.session_mut().desk.as_mut().filter(|help| help.is_owner(&by.id)) {
            help.answered(now);
        }
    }

    /// The desk knows that something did not reach it.
    pub fn file_lost_at_desk(&mut self, name: &str) {
        let words = fill(
            self.desk_phrases().desk.desk_file_lost,
            &[("guest", self.guest_name()), ("file", name)],
        );
        self.to_desk(words);
    }

    /// How a transcript names a file: without its link.
    fn file_line(&self, name: &str, size: u64) -> String {
        let locale = &self.tenant.locale;
        fill(
            phrases(locale).desk.file_line,
            &[("file", name), ("size", &language::size(size, locale))],
        )
        .plain()
    }
}

/// Fills a phrase in which `{link}` is the target of a Markdown link: ours and percent-encoded, so
/// that it stands there as it is.
fn linked(phrase: &str, link: &str, values: &[(&str, &str)]) -> Words {
    let (before, after) = phrase.split_once("{link}").unwrap_or((phrase, ""));
    fill(before, values).beside(&Words::own(link)).beside(&fill(after, values))
}
