//! What is said between a guest and a desk, and at the desk.

use super::phrases::Counted;

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
    /// The owner gave the chat back. `{agent}` `{name}`
    pub again: &'static str,
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
    /// To an agent: the button is of an earlier card. `{agent}`
    pub desk_stale: &'static str,
    /// To whoever has the chat: the button is of an earlier card.
    pub desk_stale_own: &'static str,
    /// To an agent who had the chat and writes on. `{agent}`
    pub desk_parted: &'static str,
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
    /// To a silent owner. `{agent}` `{guest}` `{time}`
    pub desk_remind: &'static str,
    /// The chat is offered again. `{agent}`
    pub desk_again: &'static str,
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
    /// Label.
    pub path: &'static str,
    /// Label.
    pub reason: &'static str,
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
    /// In an agent's personal chat: the guest's words. `{ref}` `{guest}` `{text}`
    pub desk_says_in: &'static str,
    /// In an agent's personal chat: they did not accept in time.
    pub desk_next: &'static str,
    /// To an agent who writes right after their last chat has ended. `{ref}`
    pub desk_after: &'static str,
    /// To an agent: they have as many chats as they may.
    pub desk_full: &'static str,
    /// To an agent with several chats. `{list}`
    pub desk_which: &'static str,
    /// To an agent: they get chats.
    pub desk_available: &'static str,
    /// To an agent: they get none.
    pub desk_away: &'static str,
    /// To whoever sent what cannot be carried. `{files}`
    pub file_lost: &'static str,
    /// To a guest who sent a file while no human is concerned. `{files}`
    pub file_nobody: &'static str,
    /// To whoever sent a file. `{file}`
    pub file_large: &'static str,
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
    /// To somebody at a desk who could not be looked up.
    pub desk_who: &'static str,
    /// To an agent: nobody can be asked there.
    pub desk_not_asked: &'static str,
    /// A person is asked for where there is no desk. `{name}`
    pub none_here: &'static str,
}

pub(super) static EN: DeskPhrases = DeskPhrases {
    asked: "I am asking {name} for a person. Go on writing if you like; they read it.",
    position: "You are number {position} in the queue.",
    estimate: Counted {
        one: "It may take about {minutes} minute.",
        more: "It may take about {minutes} minutes.",
    },
    joined: "{agent} from {name} is here now.",
    with: "You are with {agent}. Just write.",
    says: "{agent}: {text}",
    nobody: "Nobody of {name} can be reached right now.",
    too_long: "Nobody of {name} was free in time.",
    leave: "Write your message: {name} reads it and answers here, in this chat.",
    left: "Your message is with {name} as {ref}. They answer here, in this chat.",
    kept: "That is kept for {name}.",
    again: "{agent} cannot go on here. I am asking {name} for somebody else.",
    survey: "How was the help?",
    rating: "Your rating",
    best: "{rating} – very good",
    worst: "1 – bad",
    comment: "Anything to add?",
    not_a_rating: "Please give a number from 1 to {scale}.",
    desk_waits: "{guest} waits for a person since {time}",
    desk_message: "{guest} left a message at {time}",
    desk_owner: "{agent} talks with {guest}",
    desk_resolved: "Solved by {agent}",
    desk_closed: "Closed by {agent}, not solved",
    desk_moved: "{guest} is now with {to}",
    desk_gone: "{guest} is no longer here",
    desk_too_long: "Nobody took {guest} in time",
    desk_says: "{guest}: {text}",
    desk_taken: "{agent} has this chat already. What you write here stays a note.",
    desk_yours: "This chat is yours already. Answer in this thread.",
    desk_over: "This chat is no longer here: nothing was sent.",
    desk_stale: "{agent} has this chat now: that button is from before, and did nothing.",
    desk_stale_own: "That button is from before, and did nothing: use the card as it is now.",
    desk_parted: "{agent} has this chat now. What you write here stays a note.",
    hand: "Hand to a colleague",
    colleague: "Colleague",
    hand_note: "Note, for them only",
    take_over: "Take over",
    handed: "{agent} from {name} is here now: {from} has handed this chat over.",
    taken_over: "{agent} from {name} is here now, in place of {from}.",
    desk_handed: "{from} has handed this chat to {agent}.",
    desk_handed_on: "{ref} · {agent} has this chat now.",
    desk_handed_you: "{ref} · {from} hands you this chat.",
    desk_taken_over: "{agent} has taken over from {from}.",
    hand_self: "Not handed over: it is yours already. Choose a colleague.",
    hand_unknown: "Not handed over: that colleague is not known at this desk.",
    hand_away: "Not handed over: {agent} is away.",
    hand_full: "Not handed over: {agent} has as many chats as they may have.",
    desk_take_first: "Noted. Take the chat first, then your words reach the employee.",
    desk_refused: "Not moved: {reason}",
    desk_guest_asked: "{guest} is asked first: go on with {to}?",
    desk_stays: "{guest} would rather stay here than go on with {to}.",
    desk_unanswered: "{guest} wrote on without an answer: not moved to {to}.",
    desk_remind: "{agent}, {guest} waits for your answer since {time}.",
    desk_again: "{agent} did not answer: this chat can be taken again.",
    desk_released: "{agent} gave it back: this chat can be taken again.",
    take: "Take",
    resolve: "Resolve",
    transfer: "Transfer",
    release: "Give back",
    outcome: "Outcome",
    solved: "Solved",
    not_solved: "Not solved",
    notes: "Notes for the record",
    faq: "Add to the FAQ",
    faq_question: "Question as others would ask it",
    faq_answer: "Answer for the FAQ",
    solution: "Propose for the FAQ: an answer to the question above, without anything personal",
    desk_proposed: "Noted as a proposal for the FAQ; a manager decides on it.",
    department: "Department",
    why: "Reason, which the employee sees",
    note: "Note, for their desk only",
    employee: "Employee",
    question: "Question",
    path: "Path",
    reason: "Reason",
    code_bad: "That code is not good: it was used, or is older than ten minutes. Ask for a new one (POST /api/v1/desks/…/code).",
    connected: "This channel is the desk of {name} now. Whoever waits for a person appears here as a thread.",
    connected_confidential: "Mind: {name} is confidential, and everybody in this team can read this channel. A private channel is the better place.",
    connected_shared: "Mind: {name} is confidential, and this channel is shared: people of other teams and other organizations may read along. A private channel is the better place.",
    connected_mention: "In a private or shared channel I read only what mentions me: begin every answer with a mention of this app, or the employee does not get it.",
    desk_unreachable: "{guest} cannot be reached: the app was removed or blocked. What you write here does not arrive.",
    remark: "Note",
    transcript: "Transcript",
    earlier: "Earlier",
    said: "What was said",
    not_shared: "{name}: not shared with this desk",
    summary: "{name}: {count} lines, not shared in full",
    in_thread: "The transcript is in the thread.",
    desk_says_in: "{ref} · {guest}: {text}",
    desk_next: "Somebody else was asked",
    desk_after: "{ref} is over: what you just wrote reached nobody. If you need help yourself, write it once more.",
    desk_full: "You have as many chats as you may have. Resolve one first, or give one back.",
    desk_which: "Which chat is that for? Begin with its number, as in “{first} your words”: {list}",
    desk_available: "You are available: chats are offered to you. Write /away when you leave.",
    desk_away: "You are away: no chats are offered to you. Write /available when you are back.",
    file_lost: "Not delivered: {files}. I cannot take that along; please say it in words, or send it another way.",
    file_nobody: "Not delivered: {files}. Files reach people only: write “/agent” first, then send it again.",
    file_large: "Not delivered: {file}. It is larger than 10 MB.",
    file_unread: "Not delivered: {file}. It could not be fetched; please send it again, or another way.",
    file_late: "Not delivered: {file}. The chat went on elsewhere before it was here; please send it again if it is still needed.",
    file_came: "{agent} sent a file: [{file}]({link}) ({size})",
    file_line: "File: {file} ({size})",
    desk_file: "{guest} sent a file: [{file}]({link}) ({size})",
    desk_file_in: "{ref} · {guest} sent a file: [{file}]({link}) ({size})",
    desk_file_lost: "{guest} sent a file that did not arrive: {file}. They know.",
    desk_edited: "{guest} changed a message: {text}",
    desk_deleted: "{guest} deleted a message",
    took_back: "({agent} took a message back)",
    desk_read: "Not changed: the employee has read that already. To take it back, delete your message.",
    desk_stays_note: "That stays a note: the employee does not see it. Write it anew to send it.",
    consult: "Ask a department",
    ask: "What do you want to know? The employee does not see it",
    desk_asks: "{agent} of {name} asks about {ref}: {question} – answer in this thread.",
    desk_advice: "{agent} of {name} answers: {text}",
    desk_asked: "{name} was asked; their answer appears here.",
    desk_outsider: "Only people of the company can answer here: what you do or write in this thread reaches nobody and is not kept.",
    desk_who: "I could not find out who you are, so nothing was sent. Please try again.",
    desk_not_asked: "Not asked: no desk of that department can be reached from here.",
    none_here: "{name} has nobody in this chat. Write “departments” to choose another one.",
};

pub(super) static DE: DeskPhrases = DeskPhrases {
    asked: "Ich frage bei {name} nach einem Menschen. Schreiben Sie ruhig weiter; man liest es dort.",
    position: "Sie sind Nummer {position} in der Warteschlange.",
    estimate: Counted {
        one: "Es dauert ungefähr {minutes} Minute.",
        more: "Es dauert ungefähr {minutes} Minuten.",
    },
    joined: "{agent} von {name} ist jetzt da.",
    with: "Sie sind mit {agent} verbunden. Schreiben Sie einfach.",
    says: "{agent}: {text}",
    nobody: "Von {name} ist gerade niemand erreichbar.",
    too_long: "Von {name} war rechtzeitig niemand frei.",
    leave: "Schreiben Sie Ihre Nachricht: {name} liest sie und antwortet hier, in diesem Chat.",
    left: "Ihre Nachricht liegt als {ref} bei {name}. Die Antwort kommt hier, in diesem Chat.",
    kept: "Das ist für {name} aufgehoben.",
    again: "{agent} kann hier nicht weitermachen. Ich frage bei {name} nach jemand anderem.",
    survey: "Wie war die Hilfe?",
    rating: "Ihre Bewertung",
    best: "{rating} – sehr gut",
    worst: "1 – schlecht",
    comment: "Möchten Sie etwas dazu sagen?",
    not_a_rating: "Bitte nennen Sie eine Zahl von 1 bis {scale}.",
    desk_waits: "{guest} wartet seit {time} auf einen Menschen",
    desk_message: "{guest} hat um {time} eine Nachricht hinterlassen",
    desk_owner: "{agent} spricht mit {guest}",
    desk_resolved: "Gelöst von {agent}",
    desk_closed: "Von {agent} geschlossen, nicht gelöst",
    desk_moved: "{guest} ist jetzt bei {to}",
    desk_gone: "{guest} ist nicht mehr hier",
    desk_too_long: "Niemand hat {guest} rechtzeitig übernommen",
    desk_says: "{guest}: {text}",
    desk_taken: "{agent} hat diesen Chat schon. Was Sie hier schreiben, bleibt eine Notiz.",
    desk_yours: "Dieser Chat gehört schon Ihnen. Antworten Sie in diesem Thread.",
    desk_over: "Dieser Chat ist nicht mehr hier: Es wurde nichts gesendet.",
    desk_stale: "{agent} hat diesen Chat jetzt: Dieser Knopf ist von vorher und hat nichts getan.",
    desk_stale_own: "Dieser Knopf ist von vorher und hat nichts getan: Nehmen Sie die Karte, wie sie jetzt ist.",
    desk_parted: "{agent} hat diesen Chat jetzt. Was Sie hier schreiben, bleibt eine Notiz.",
    hand: "An Kollegen übergeben",
    colleague: "Kollegin oder Kollege",
    hand_note: "Notiz, nur für diese Person",
    take_over: "Ablösen",
    handed: "{agent} von {name} ist jetzt da: {from} hat diesen Chat übergeben.",
    taken_over: "{agent} von {name} ist jetzt da, anstelle von {from}.",
    desk_handed: "{from} hat diesen Chat an {agent} übergeben.",
    desk_handed_on: "{ref} · {agent} hat diesen Chat jetzt.",
    desk_handed_you: "{ref} · {from} übergibt Ihnen diesen Chat.",
    desk_taken_over: "{agent} hat {from} abgelöst.",
    hand_self: "Nicht übergeben: Er gehört Ihnen schon. Wählen Sie eine andere Person.",
    hand_unknown: "Nicht übergeben: Diese Person ist an diesem Desk nicht bekannt.",
    hand_away: "Nicht übergeben: {agent} ist abwesend.",
    hand_full: "Nicht übergeben: {agent} hat so viele Chats, wie erlaubt sind.",
    desk_take_first: "Notiert. Übernehmen Sie zuerst den Chat, dann erreichen Ihre Worte die Person.",
    desk_refused: "Nicht verschoben: {reason}",
    desk_guest_asked: "{guest} wird zuerst gefragt: mit {to} weitermachen?",
    desk_stays: "{guest} bleibt lieber hier, als mit {to} weiterzumachen.",
    desk_unanswered: "{guest} hat weitergeschrieben, ohne zu antworten: nicht zu {to} verschoben.",
    desk_remind: "{agent}, {guest} wartet seit {time} auf Ihre Antwort.",
    desk_again: "{agent} hat nicht geantwortet: Dieser Chat kann wieder übernommen werden.",
    desk_released: "{agent} hat ihn zurückgegeben: Dieser Chat kann wieder übernommen werden.",
    take: "Übernehmen",
    resolve: "Abschließen",
    transfer: "Weitergeben",
    release: "Zurückgeben",
    outcome: "Ergebnis",
    solved: "Gelöst",
    not_solved: "Nicht gelöst",
    notes: "Notizen für die Akte",
    faq: "In die FAQ",
    faq_question: "Frage, wie andere sie stellen würden",
    faq_answer: "Antwort für die FAQ",
    solution: "Vorschlag für die FAQ: eine Antwort auf die Frage oben, ohne Persönliches",
    desk_proposed: "Als Vorschlag für die FAQ notiert; ein Manager entscheidet darüber.",
    department: "Abteilung",
    why: "Grund, den die Person sieht",
    note: "Notiz, nur für deren Desk",
    employee: "Person",
    question: "Frage",
    path: "Weg",
    reason: "Grund",
    code_bad: "Dieser Code gilt nicht: Er wurde benutzt oder ist älter als zehn Minuten. Holen Sie einen neuen (POST /api/v1/desks/…/code).",
    connected: "Dieser Kanal ist jetzt der Desk von {name}. Wer auf einen Menschen wartet, erscheint hier als Thread.",
    connected_confidential: "Achtung: {name} ist vertraulich, und alle in diesem Team können diesen Kanal lesen. Ein privater Kanal ist der bessere Ort.",
    connected_shared: "Achtung: {name} ist vertraulich, und dieser Kanal ist freigegeben: Menschen aus anderen Teams und anderen Organisationen können mitlesen. Ein privater Kanal ist der bessere Ort.",
    connected_mention: "In einem privaten oder freigegebenen Kanal lese ich nur, worin ich erwähnt werde: Beginnen Sie jede Antwort mit einer Erwähnung dieser App, sonst kommt sie nicht an.",
    desk_unreachable: "{guest} ist nicht erreichbar: Die App wurde entfernt oder blockiert. Was Sie hier schreiben, kommt nicht an.",
    remark: "Notiz",
    transcript: "Verlauf",
    earlier: "Früher",
    said: "Was gesagt wurde",
    not_shared: "{name}: wird mit diesem Desk nicht geteilt",
    summary: "{name}: {count} Zeilen, nicht vollständig geteilt",
    in_thread: "Der Verlauf steht im Thread.",
    desk_says_in: "{ref} · {guest}: {text}",
    desk_next: "Jemand anderes wurde gefragt",
    desk_after: "{ref} ist beendet: Was Sie eben geschrieben haben, hat niemanden erreicht. Wenn Sie selbst Hilfe brauchen, schreiben Sie es noch einmal.",
    desk_full: "Sie haben so viele Chats, wie Sie haben dürfen. Schließen Sie zuerst einen ab, oder geben Sie einen zurück.",
    desk_which: "Für welchen Chat ist das? Beginnen Sie mit seiner Nummer, wie in „{first} Ihre Worte“: {list}",
    desk_available: "Sie sind verfügbar: Chats werden Ihnen angeboten. Schreiben Sie /away, wenn Sie gehen.",
    desk_away: "Sie sind abwesend: Es werden Ihnen keine Chats angeboten. Schreiben Sie /available, wenn Sie wieder da sind.",
    file_lost: "Nicht zugestellt: {files}. Das kann ich nicht mitnehmen; bitte sagen Sie es in Worten, oder schicken Sie es auf anderem Weg.",
    file_nobody: "Nicht zugestellt: {files}. Dateien erreichen nur Menschen: Schreiben Sie zuerst „/Mensch“, und schicken Sie es dann noch einmal.",
    file_large: "Nicht zugestellt: {file}. Die Datei ist größer als 10 MB.",
    file_unread: "Nicht zugestellt: {file}. Die Datei konnte nicht abgeholt werden; bitte schicken Sie sie noch einmal oder auf anderem Weg.",
    file_late: "Nicht zugestellt: {file}. Der Chat ging anderswo weiter, bevor die Datei da war; bitte schicken Sie sie noch einmal, wenn sie noch gebraucht wird.",
    file_came: "{agent} hat eine Datei geschickt: [{file}]({link}) ({size})",
    file_line: "Datei: {file} ({size})",
    desk_file: "{guest} hat eine Datei geschickt: [{file}]({link}) ({size})",
    desk_file_in: "{ref} · {guest} hat eine Datei geschickt: [{file}]({link}) ({size})",
    desk_file_lost: "{guest} hat eine Datei geschickt, die nicht angekommen ist: {file}. Die Person weiß es.",
    desk_edited: "{guest} hat eine Nachricht geändert: {text}",
    desk_deleted: "{guest} hat eine Nachricht gelöscht",
    took_back: "({agent} hat eine Nachricht zurückgenommen)",
    desk_read: "Nicht geändert: Die Person hat das schon gelesen. Um es zurückzunehmen, löschen Sie Ihre Nachricht.",
    desk_stays_note: "Das bleibt eine Notiz: Die Person sieht es nicht. Schreiben Sie es neu, um es zu senden.",
    consult: "Abteilung fragen",
    ask: "Was möchten Sie wissen? Die Person sieht es nicht",
    desk_asks: "{agent} von {name} fragt zu {ref}: {question} – antworten Sie in diesem Thread.",
    desk_advice: "{agent} von {name} antwortet: {text}",
    desk_asked: "{name} wurde gefragt; die Antwort erscheint hier.",
    desk_outsider: "Hier können nur Menschen aus dem Unternehmen antworten: Was Sie in diesem Thread tun oder schreiben, erreicht niemanden und wird nicht aufgehoben.",
    desk_who: "Ich konnte nicht herausfinden, wer Sie sind; es wurde nichts gesendet. Bitte versuchen Sie es noch einmal.",
    desk_not_asked: "Nicht gefragt: Kein Desk dieser Abteilung ist von hier erreichbar.",
    none_here: "{name} hat niemanden in diesem Chat. Schreiben Sie „Abteilungen“, um eine andere zu wählen.",
};
