//! Control words by what they mean to a reader of text.

/// What a control word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Writes text.
    Write(&'static str),
    /// Ends a page.
    Page,
    /// Ends a section.
    Section,
    /// Begins a text of its own.
    Into(Target),
    /// Begins something short that is dealt with where it ends.
    Capture(Capture),
    /// Begins something that holds texts, and none itself.
    Around,
    /// Begins a picture for old programs.
    OldPicture,
    /// Begins something without text.
    Drop,
    /// Begins the table of fonts.
    FontTable,
    /// Begins a picture.
    Picture,
    /// Begins the data of an object.
    ObjectData,
    /// None of these.
    Other,
}

/// A text of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The body.
    Body,
    /// Header of the first page.
    FirstHead,
    /// Header.
    Head,
    /// Footer.
    Foot,
    /// Footer of the first page.
    FirstFoot,
    /// Footnotes.
    Notes,
    /// Comments.
    Comments,
    /// Something short.
    Captured,
}

/// Something short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    /// Name of a property of a shape.
    ShapeName,
    /// Its value.
    ShapeValue,
    /// Code of a field.
    FieldCode,
    /// Author of a comment.
    Author,
    /// A property of the document.
    Property(&'static str),
    /// Name of a property of the house's own.
    PropertyName,
    /// Its value.
    PropertyValue,
    /// A variable.
    Variable,
    /// An item of a list to choose from.
    Choice,
    /// What a form says, or what a list puts around its numbers.
    Aside,
}

/// What a control word does.
pub(super) fn meaning(word: &[u8]) -> Word {
    use Capture as C;
    use Target as T;
    match word {
        b"par" | b"line" | b"row" | b"nestrow" | b"softline" | b"lbr" | b"column" => Word::Write("\n"),
        b"tab" | b"cell" | b"nestcell" => Word::Write("\t"),
        b"emdash" => Word::Write("—"),
        b"endash" => Word::Write("–"),
        b"emspace" | b"enspace" | b"qmspace" => Word::Write(" "),
        b"bullet" => Word::Write("•"),
        b"lquote" => Word::Write("‘"),
        b"rquote" => Word::Write("’"),
        b"ldblquote" => Word::Write("“"),
        b"rdblquote" => Word::Write("”"),
        b"page" => Word::Page,
        b"sect" => Word::Section,
        b"headerf" => Word::Into(T::FirstHead),
        b"header" | b"headerl" | b"headerr" => Word::Into(T::Head),
        b"footerf" => Word::Into(T::FirstFoot),
        b"footer" | b"footerl" | b"footerr" => Word::Into(T::Foot),
        b"footnote" => Word::Into(T::Notes),
        b"annotation" => Word::Into(T::Comments),
        b"shpinst" | b"shp" | b"shpgrp" | b"shptxt" | b"shppict" | b"shprslt" | b"do" | b"dptxbxtext" | b"object"
        | b"result" | b"field" | b"fldrslt" | b"userprops" | b"sp" | b"picprop" | b"info" | b"pntext" | b"listtext"
        | b"ud" | b"formfield" | b"background" | b"upr" | b"hl" | b"mmath" | b"moMath" | b"moMathPara" | b"mr"
        | b"mt" | b"mtext" | b"pn" | b"pnseclvl" | b"listtable" => Word::Around,
        b"sn" => Word::Capture(C::ShapeName),
        b"sv" => Word::Capture(C::ShapeValue),
        b"fldinst" => Word::Capture(C::FieldCode),
        b"atnauthor" => Word::Capture(C::Author),
        b"title" => Word::Capture(C::Property("title")),
        b"subject" => Word::Capture(C::Property("subject")),
        b"author" => Word::Capture(C::Property("author")),
        b"manager" => Word::Capture(C::Property("manager")),
        b"company" => Word::Capture(C::Property("company")),
        b"operator" => Word::Capture(C::Property("last author")),
        b"category" => Word::Capture(C::Property("category")),
        b"keywords" => Word::Capture(C::Property("keywords")),
        b"comment" | b"doccomm" => Word::Capture(C::Property("comments")),
        b"hlinkbase" => Word::Capture(C::Property("base of links")),
        b"propname" => Word::Capture(C::PropertyName),
        b"staticval" => Word::Capture(C::PropertyValue),
        b"docvar" => Word::Capture(C::Variable),
        b"ffl" => Word::Capture(C::Choice),
        b"ffhelptext" | b"ffstattext" | b"ffdeftext" | b"pntxtb" | b"pntxta" | b"leveltext" => Word::Capture(C::Aside),
        b"fonttbl" => Word::FontTable,
        b"nonshppict" => Word::OldPicture,
        b"pict" => Word::Picture,
        b"objdata" => Word::ObjectData,
        b"colortbl"
        | b"stylesheet"
        | b"levelnumbers"
        | b"listoverridetable"
        | b"revtbl"
        | b"rsidtbl"
        | b"generator"
        | b"themedata"
        | b"colorschememapping"
        | b"latentstyles"
        | b"datastore"
        | b"blipuid"
        | b"filetbl"
        | b"pgdsctbl"
        | b"xmlnstbl"
        | b"fontemb"
        | b"fontfile"
        | b"falt"
        | b"panose"
        | b"objclass"
        | b"objname"
        | b"objtime"
        | b"creatim"
        | b"revtim"
        | b"printim"
        | b"buptim"
        | b"linkval"
        | b"atnid"
        | b"atnref"
        | b"atndate"
        | b"atntime"
        | b"atnparent"
        | b"atrfstart"
        | b"atrfend"
        | b"bkmkstart"
        | b"bkmkend"
        | b"template"
        | b"datafield"
        | b"ftnsep"
        | b"ftnsepc"
        | b"ftncn"
        | b"aftnsep"
        | b"aftnsepc"
        | b"aftncn"
        | b"mmathPr"
        | b"wgrffmtfilter"
        | b"passwordhash" => Word::Drop,
        _ => Word::Other,
    }
}

/// Names of properties of shapes that are texts: word art (watermarks too), descriptions, names of picture files.
pub(super) fn is_text_of_shape(name: &str) -> bool {
    matches!(name, "gtextUNICODE" | "wzDescription" | "pibName")
}
