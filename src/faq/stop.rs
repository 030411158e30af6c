//! Words that say nothing about what is asked: articles, pronouns, helping verbs, and what people
//! write around a question (greetings, thanks, "please", "question"). Folded as [`super::words`]
//! folds, so without accents and umlauts.

/// English.
pub(super) const ENGLISH: &str = "
    a an the this that these those some any no not nor so too very just only own same such than then there here again also
    i me my mine myself we us our ours you your yours he him his she her hers it its they them their theirs one ones
    what whats which who whos whom whose when where wheres why how hows whether if because as until while
    am im is are arent was were be been being ive id ill youre youve its isnt wasnt were
    have has had having havent hasnt do does did doing done dont doesnt didnt
    can cannot cant could couldnt may might must shall should shouldnt will wont would wouldnt ought
    and or but of at by for with about against between into through to from in out on off up down over under
    all each few more most other both
    get gets getting got go goes going gone want wants wanted need needs needed like know knows tell let lets
    make makes made find say says said see ask asking asked seem seems try trying tried keep keeps
    hello hi hey hiya dear good morning afternoon evening day greetings
    thanks thank thx ty cheers please pls plz kindly sorry excuse ok okay yes yeah yep nope bye goodbye regards
    help helping helps assist assistance support question questions anybody anyone somebody someone something anything everything
    problem problems issue issues matter thing things way still already now urgent urgently asap quick quickly
    possible able allowed wondering wonder exactly actually really maybe etc eg ie
    much many long lot bit far often anymore any else instead yet ever never always sometimes currently
";

/// German.
pub(super) const GERMAN: &str = "
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

/// French.
pub(super) const FRENCH: &str = "
    le la les un une des du de au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs
    je me moi tu te toi il elle on nous vous ils elles lui eux se soi y en qui que quoi dont ou quel quelle quels quelles
    est suis es sommes etes sont etait etaient ete etre ai as a avons avez ont avait avaient avoir eu
    peux peut pouvez pouvons peuvent pouvoir dois doit devez devons doivent devoir veux veut voulez voudrais voudrait vouloir faut
    faire fais fait faites font aller vais va allez et mais donc or ni car si comme quand comment pourquoi combien
    dans par pour sur sous avec sans chez vers entre apres avant depuis pendant contre plus moins tres aussi encore deja
    ne pas rien jamais tout toute tous toutes autre autres meme l d j m n s t c qu jusqu lorsqu puisqu
    bonjour salut bonsoir coucou merci svp stp plait sil plaisir cordialement ok oui non pardon
    aide aider aidez besoin question questions probleme problemes urgent est-ce fonctionne fonctionner marche marcher trouver trouve avoir
    quelqu quelque quelques chose choses ici
";

/// Spanish.
pub(super) const SPANISH: &str = "
    el la los las un una unos unas lo al del de este esta estos estas ese esa eso esos esas mi mis tu tus su sus nuestro nuestra
    yo me mi tu te ti el ella nos nosotros usted ustedes ellos ellas le les se que quien quienes cual cuales cuyo
    es soy eres somos son era eran fue ser sido estoy esta estan estar estaba he has ha hemos han haber hay habia tengo tiene tienen tener
    puedo puede podemos pueden poder debo debe deben deber quiero quiere queremos quisiera hago hace hacer hacen voy va ir
    y o u pero sino porque como cuando donde cuanto cuanta si ni en con sin por para sobre entre hasta desde hacia contra
    a ante bajo tras mas menos muy tambien ya todavia no nada nunca todo toda todos todas otro otra otros mismo algo alguien alguno alguna
    hola buenos buenas dias tardes noches gracias favor saludos ok vale adios perdon
    ayuda ayudar ayudame necesito necesita pregunta preguntas problema problemas urgente funciona funcionar aqui ahora encontrar encuentro
";

/// English words that say little: they tell articles apart that are found by others, and find
/// nothing by themselves. When and how long something is, what is done in general, ordinary
/// adjectives, numbers.
pub(super) const LITTLE_ENGLISH: &str = "
    work works working worked use uses using used show shows showing come comes coming take takes taking put give gives giving given happen happens
    look looking start starts starting run running bring send set call
    day days daily week weeks weekly weekend month months monthly year years yearly hour hours minute minutes time times
    today tomorrow yesterday tonight next last since ago recently later soon earlier
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december spring summer autumn fall winter
    zero two three four five six seven eight nine ten twelve twenty hundred first second third half several
    new old own good bad big small high low right wrong different total extremely totally completely actual whole
    place somewhere people person man woman everyone everybody colleague colleagues company contoso office team
";

/// German ones.
pub(super) const LITTLE_GERMAN: &str = "
    arbeiten arbeite arbeitet arbeit nehmen nehme nimmt kommen komme kommt steht stehen zeigen zeigt starten bringen schicken stellen
    tag tage tagen taglich woche wochen monat monate monaten jahr jahre jahren stunde stunden minute minuten zeit uhr
    heute morgen gestern nachste nachsten nachster letzte letzten letzter bald spater fruher neulich
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    januar februar marz april mai juni juli august september oktober november dezember fruhling sommer herbst winter
    null zwei drei vier funf sechs sieben acht neun zehn zwolf zwanzig erste ersten zweite halb halbe
    neu neue neuen neuer neues alt alte alten alter eigene eigenen gut schlecht gross klein richtig falsch total ganz
    leute person kollege kollegen kollegin firma contoso buro team
";

/// French ones.
pub(super) const LITTLE_FRENCH: &str = "
    travail travailler travaille prendre prend donner utiliser jour jours semaine semaines mois an ans annee annees heure heures temps fois
    aujourd hui demain hier prochain prochaine dernier derniere lundi mardi mercredi jeudi vendredi samedi dimanche
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre deux trois quatre cinq six sept huit neuf dix
    nouveau nouvelle nouveaux ancien bon bonne grand petit personne gens collegue collegues entreprise contoso bureau equipe
";

/// Spanish ones.
pub(super) const LITTLE_SPANISH: &str = "
    trabajo trabajar trabaja usar uso tomar dar dia dias semana semanas mes meses ano anos hora horas tiempo vez veces
    hoy manana ayer proximo proxima ultimo ultima lunes martes miercoles jueves viernes sabado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre dos tres cuatro cinco seis siete ocho nueve diez
    nuevo nueva nuevos viejo bueno buena grande pequeno persona gente colega colegas empresa contoso oficina equipo
";
