//! German: a message that was left for a desk.

use crate::pipeline::language::left::LeftPhrases;

pub(super) static LEFT: LeftPhrases = LeftPhrases {
    how: "Was Sie als Nächstes schreiben, ist etwas Neues. Um diese Nachricht zu ergänzen, benutzen Sie diese Karte oder beginnen Sie mit „{ref}:“.",
    more: "Zu {ref} ergänzen",
    add: "Ergänzen",
    withdraw: "Zurückziehen",
    over: "Ihre Nachricht {ref} an {name} ist abgeschlossen.",
    added: "Zu {ref} ergänzt: {name} liest es.",
    added_text: "Zu {ref} ergänzt: {text}",
    nothing_to_add: "Schreiben Sie zuerst in die Karte, was Sie ergänzen möchten, oder beginnen Sie mit „{ref}:“.",
    add_ask: "Gehört das zu {ref}, Ihrer Nachricht an {name}, oder ist es etwas Neues?",
    add_it: "Zu {ref} ergänzen",
    add_words: &["ergaenzen", "ergänzen", "dazu", "gehört dazu"],
    withdraw_ask: "Ihre Nachricht {ref} zurückziehen? {name} erfährt, dass Sie keine Antwort mehr brauchen.",
    keep_it: "Dort lassen",
    withdrawn: "Ihre Nachricht {ref} ist zurückgezogen. {name} weiß, dass Sie keine Antwort mehr brauchen.",
    lies: "Ihre Nachricht {ref} liegt bei {name}. Die Antwort kommt hier, in diesem Chat.",
    taken: "{agent} von {name} hat Ihre Nachricht {ref}.",
    mark: "{ref} · ",
    here: "{agent} von {name} ist zu Ihrer Nachricht {ref} da. Zum Antworten benutzen Sie diese Karte oder beginnen Sie mit „{ref}:“.",
    still_here: "{agent} von {name} ist zu {ref} noch da: Was Sie jetzt schreiben, geht dorthin.",
    solved: "{agent} von {name} hat das gelöst.",
    unsolved: "{agent} von {name} hat das ohne Lösung abgeschlossen.",
    back_with: "Sie sind wieder mit {agent} von {name} verbunden, zu {ref}. Was Sie geschrieben haben, ist dort.",
    desk_back: "{guest} ist zu {ref} wieder da.",
    desk_withdrawn: "{guest} hat diese Nachricht zurückgezogen und braucht keine Antwort mehr",
    desk_elsewhere: "{guest} ist gerade in einem anderen Chat. Antworten Sie hier, oder versuchen Sie es später noch einmal.",
};
