//! Spanish.

use frostem::Algorithm;

use super::known::Known;

pub(super) static SPANISH: Known = Known {
    code: "es",
    stemmer: Algorithm::Spanish,
    stop: STOP,
    little: LITTLE,
    links: &[],
    joins: |_, _| false,
    elides: false,
    spells_umlauts: false,
};

const STOP: &str = "
    el la los las un una unos unas lo al del de este esta estos estas ese esa eso esos esas mi mis tu tus su sus nuestro nuestra
    yo me mi tu te ti el ella nos nosotros usted ustedes ellos ellas le les se que quien quienes cual cuales cuyo
    es soy eres somos son era eran fue ser sido estoy esta estan estar estaba he has ha hemos han haber hay habia tengo tiene tienen tener
    puedo puede podemos pueden poder debo debe deben deber quiero quiere queremos quisiera hago hace hacer hacen voy va ir
    y o u pero sino porque como cuando donde cuanto cuanta si ni en con sin por para sobre entre hasta desde hacia contra
    a ante bajo tras mas menos muy tambien ya todavia no nada nunca todo toda todos todas otro otra otros mismo algo alguien alguno alguna
    hola buenos buenas dias tardes noches gracias favor saludos ok vale adios perdon
    ayuda ayudar ayudame necesito necesita pregunta preguntas problema problemas urgente funciona funcionar aqui ahora encontrar encuentro
";

const LITTLE: &str = "
    trabajo trabajar trabaja usar uso tomar dar dia dias semana semanas mes meses ano anos hora horas tiempo vez veces
    hoy manana ayer proximo proxima ultimo ultima lunes martes miercoles jueves viernes sabado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre dos tres cuatro cinco seis siete ocho nueve diez
    nuevo nueva nuevos viejo bueno buena grande pequeno persona gente colega colegas empresa contoso oficina equipo
";
