//! French.

use frostem::Algorithm;

use super::known::Known;

pub(super) static FRENCH: Known = Known {
    code: "fr",
    stemmer: Algorithm::French,
    stop: STOP,
    little: LITTLE,
    links: &[],
    joins: |_, _| false,
    elides: true,
    spells_umlauts: false,
};

const STOP: &str = "
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

const LITTLE: &str = "
    travail travailler travaille prendre prend donner utiliser jour jours semaine semaines mois an ans annee annees heure heures temps fois
    aujourd hui demain hier prochain prochaine dernier derniere lundi mardi mercredi jeudi vendredi samedi dimanche
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre deux trois quatre cinq six sept huit neuf dix
    nouveau nouvelle nouveaux ancien bon bonne grand petit personne gens collegue collegues entreprise contoso bureau equipe
";
