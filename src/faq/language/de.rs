//! German.

use frostem::Algorithm;

use super::known::Known;

pub(super) static GERMAN: Known = Known {
    code: "de",
    stemmer: Algorithm::German,
    stop: STOP,
    little: LITTLE,
    links: &["s", "es", "n", "en", "er"],
    // `zu Hause`.
    joins: |first, _| first == "zu",
    elides: false,
    spells_umlauts: true,
};

const STOP: &str = "
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner dieser diese dieses diesen diesem
    ich mich mir mein meine meinen meinem meiner meines du dich dir dein deine deinen deinem deiner er ihn ihm sein seine seinen seinem
    seiner sie ihr ihre ihren ihrem ihrer ihnen es wir uns unser unsere unseren unserem unserer man sich selbst jemand jemanden niemand
    was wer wen wem wessen wie wo wohin woher wann warum wieso weshalb welche welcher welches welchen welchem wofur womit ob
    bin bist ist sind seid war waren warst ware waren gewesen habe hab hast hat haben hatte hatten hatte gehabt
    werde wirst wird werden wurde wurden wurde worden kann kannst konnen konnte konnten darf darfst durfen durfte
    muss musst mussen musste soll sollst sollen sollte will willst wollen wollte mochte mochten mag mogen
    und oder aber denn weil dass wenn als bis seit wahrend da dann doch noch nur auch so sehr schon mal bitte nicht nichts nie
    in im ins an am ans auf aufs aus bei beim mit nach von vom vor zu zum zur uber unter durch fur gegen ohne um zwischen ab
    hier dort jetzt immer wieder mehr alle alles allem allen aller etwas viel viele welch lange oft lang
    geht gehen ging mache machen macht gemacht tun tue getan lasse lassen lasst gibt geben brauche brauchen braucht
    bekomme bekommen bekommt kriege kriegen finde finden findet weiss wissen wusste sagen funktioniert funktionieren klappt stimmt
    hallo hi hey guten gute tag morgen abend moin servus gruss gott grusse freundlichen liebe lieber
    danke dankeschon dank vielen herzlichen merci ok okay ja nein tschuss entschuldigung
    hilfe helfen hilf hilft frage fragen problem probleme dringend schnell leider eigentlich irgendwie vielleicht gern gerne
    moglich sache ding dinge
";

const LITTLE: &str = "
    arbeiten arbeite arbeitet arbeit nehmen nehme nimmt kommen komme kommt steht stehen zeigen zeigt starten bringen schicken stellen
    tag tage tagen taglich woche wochen monat monate monaten jahr jahre jahren stunde stunden minute minuten zeit uhr
    heute morgen gestern nachste nachsten nachster letzte letzten letzter bald spater fruher neulich
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    januar februar marz april mai juni juli august september oktober november dezember fruhling sommer herbst winter
    null zwei drei vier funf sechs sieben acht neun zehn zwolf zwanzig erste ersten zweite halb halbe
    neu neue neuen neuer neues alt alte alten alter eigene eigenen gut schlecht gross klein richtig falsch total ganz
    leute person kollege kollegen kollegin firma contoso buro team
";
