//! English.

use frostem::Algorithm;

use super::known::Known;

pub(super) static ENGLISH: Known = Known {
    code: "en",
    stemmer: Algorithm::English,
    stop: STOP,
    little: LITTLE,
    links: &[],
    // `log in`, whose noun is `login`.
    joins: |first, second| first.len() > 2 && matches!(second, "in" | "on" | "up" | "out" | "off"),
    elides: false,
    spells_umlauts: false,
};

const STOP: &str = "
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

const LITTLE: &str = "
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
