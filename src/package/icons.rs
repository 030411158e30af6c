//! What Teams wants of the two icons.

use std::io::Cursor;

/// The large one, in colours.
pub(super) fn color(bytes: &[u8], problems: &mut Vec<String>) {
    if let Some(pixels) = icon("--color-icon", bytes, 192, problems)
        && pixels.iter().all(|[.., alpha]| *alpha == 0)
    {
        problems.push("--color-icon: every pixel is transparent; draw the symbol on a background that fills the square.".into());
    }
}

/// The small one, an outline.
pub(super) fn outline(bytes: &[u8], problems: &mut Vec<String>) {
    if let Some(pixels) = icon("--outline-icon", bytes, 32, problems) {
        white_on_transparent(&pixels, problems);
    }
}

/// The pixels of a square PNG as red, green, blue, alpha; nothing when it is not one of that size.
fn icon(flag: &str, bytes: &[u8], side: u32, problems: &mut Vec<String>) -> Option<Vec<[u8; 4]>> {
    let unreadable = |error: &dyn std::fmt::Display| {
        format!(
            "{flag}: not a readable PNG ({error}); export it again as PNG, {side}×{side} pixels."
        )
    };
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = match decoder.read_info() {
        Ok(reader) => reader,
        Err(error) => {
            problems.push(unreadable(&error));
            return None;
        }
    };
    // Before any pixel is unpacked: a few bytes may claim to be an enormous picture.
    let (width, height) = reader.info().size();
    if (width, height) != (side, side) {
        problems.push(format!(
            "{flag}: the picture has {width}×{height} pixels; Teams wants exactly {side}×{side}."
        ));
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size().unwrap_or_default()];
    if let Err(error) = reader.next_frame(&mut buffer) {
        problems.push(unreadable(&error));
        return None;
    }
    Some(match reader.output_color_type().0 {
        png::ColorType::GrayscaleAlpha => {
            buffer.chunks_exact(2).map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect()
        }
        _ => buffer.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect(),
    })
}

fn white_on_transparent(pixels: &[[u8; 4]], problems: &mut Vec<String>) {
    let visible = pixels.iter().filter(|[.., alpha]| *alpha > 0);
    let coloured = visible
        .clone()
        .filter(|[red, green, blue, _]| (*red, *green, *blue) != (255, 255, 255))
        .count();
    if coloured > 0 {
        problems.push(format!(
            "--outline-icon: {coloured} pixels are neither white nor transparent; draw it in white alone on a transparent background."
        ));
    }
    match visible.count() {
        0 => problems
            .push("--outline-icon: every pixel is transparent; draw the symbol in white.".into()),
        all if all == pixels.len() => {
            problems.push("--outline-icon: no pixel is transparent; draw the symbol in white on a transparent background.".into());
        }
        _ => {}
    }
}
