"""The marking rows as positive documents: how each mark is written, at what level, and where on the page it stands.

`ROWS` has an entry for every row of the rules; the texts come from grammars, never from the examples of the rules, except where
the mark is a fixed phrase. A row without a level of its own (copy number, urgency, working paper) is evidence only: level null.
"""
from dataclasses import dataclass

import bodies
from draft import Draft


@dataclass(frozen=True)
class Row:
    """How a row is written: `say(chance)` answers the mark, or the mark and its level, or these and other levels that also pass."""

    say: object
    level: int | None
    place: str  # gb, both, head, right, first-right, field, foot, subject, or the name of a writer below
    languages: tuple = ("en",)
    also: tuple = ()


ROWS = {}
LADDERS = [  # id, mark, level, place, language, other levels that a careful reader may give
    ("nato.cts", "COSMIC TOP SECRET", 4, "both", "en"), ("nato.s", "NATO SECRET", 3, "both", "en"), ("nato.c", "NATO CONFIDENTIAL", 3, "both", "en"),
    ("nato.r", "NATO RESTRICTED", 2, "both", "en"), ("nato.u", "NATO UNCLASSIFIED", 1, "both", "en"),
    ("es.1", "SECRETO", 4, "both", "es", 3), ("es.2", "RESERVADO", 3, "both", "es"), ("es.3", "CONFIDENCIAL", 3, "both", "es"), ("es.4", "DIFUSIÓN LIMITADA", 2, "both", "es"),
    ("it.1", "SEGRETISSIMO", 4, "both", "it"), ("it.2", "SEGRETO", 3, "both", "it"), ("it.3", "RISERVATISSIMO", 3, "both", "it"), ("it.4", "RISERVATO", 2, "both", "it"),
    ("pl.1", "ŚCIŚLE TAJNE", 4, "both", "pl"), ("pl.2", "TAJNE", 3, "both", "pl"), ("pl.3", "POUFNE", 3, "both", "pl"), ("pl.4", "ZASTRZEŻONE", 2, "both", "pl"),
    ("nl.1", "STG. ZEER GEHEIM", 4, "both", "nl"), ("nl.2", "STG. GEHEIM", 3, "both", "nl"), ("nl.3", "STG. CONFIDENTIEEL", 3, "both", "nl"),
    ("nl.4", "DEPARTEMENTAAL VERTROUWELIJK", 2, "both", "nl"), ("se.1", "KVALIFICERAT HEMLIG", 4, "both", "sv"), ("se.2", "HEMLIG", 3, "both", "sv"),
    ("no.1", "STRENGT HEMMELIG", 4, "both", "no"), ("no.2", "HEMMELIG", 3, "both", "no"), ("no.3", "KONFIDENSIELT", 3, "both", "no"), ("no.4", "BEGRENSET", 2, "both", "no"),
    ("dk.1", "YDERST HEMMELIGT", 4, "both", "da"), ("dk.2", "HEMMELIGT", 3, "both", "da"), ("dk.3", "FORTROLIGT", 3, "both", "da"), ("dk.4", "TIL TJENESTEBRUG", 2, "both", "da"),
    ("fi.1", "ERITTÄIN SALAINEN", 4, "both", "fi"), ("fi.2", "SALAINEN", 3, "both", "fi"), ("fi.3", "LUOTTAMUKSELLINEN", 3, "both", "fi"), ("fi.4", "KÄYTTÖ RAJOITETTU", 2, "both", "fi"),
    ("tr.1", "ÇOK GİZLİ", 4, "both", "tr"), ("tr.2", "GİZLİ", 3, "both", "tr"), ("tr.3", "ÖZEL", 3, "both", "tr"), ("tr.4", "HİZMETE ÖZEL", 2, "both", "tr"),
    ("br.1", "ULTRASSECRETO", 4, "both", "pt"), ("br.2", "SECRETO", 3, "both", "pt", 4), ("br.3", "RESERVADO", 3, "both", "pt"),
    ("vn.1", "TUYỆT MẬT", 4, "both", "vi"), ("vn.2", "TỐI MẬT", 3, "both", "vi"), ("vn.3", "MẬT", 3, "both", "vi"),
    ("ua.1", "ОСОБЛИВОЇ ВАЖЛИВОСТІ", 4, "both", "uk"), ("ua.2", "ЦІЛКОМ ТАЄМНО", 4, "both", "uk"), ("ua.3", "ТАЄМНО", 3, "both", "uk"),
    ("ua.4", "ДЛЯ СЛУЖБОВОГО КОРИСТУВАННЯ", 2, "both", "uk"), ("il.1", "סודי ביותר", 4, "both", "he"), ("il.2", "סודי", 3, "both", "he"), ("il.3", "שמור", 3, "both", "he"),
    ("tlp.red", "TLP:RED", 3, "tlp", "en"), ("tlp.amber+strict", "TLP:AMBER+STRICT", 2, "tlp", "en"), ("tlp.amber", "TLP:AMBER", 2, "tlp", "en"),
    ("tlp.green", "TLP:GREEN", 1, "tlp", "en"), ("tlp.clear", "TLP:CLEAR", 0, "tlp", "en"), ("tlp.white", "TLP:WHITE", 0, "tlp", "en"),
    ("kr.dae", "대외비", 2, "both", "ko"), ("uk.legacy.c", "CONFIDENTIAL", 3, "both", "en"), ("nz.sens", "SENSITIVE", 2, "both", "en"), ("nz.restr", "RESTRICTED", 2, "both", "en"),
    ("us.s.bare", "SECRET", 3, "both", "en"), ("us.c.bare", "CONFIDENTIAL", 3, "both", "en"), ("us.ts.bare", "TOP SECRET", 4, "both", "en"),
    ("uk.o", "OFFICIAL", 1, "both", "en"), ("cn.work", "工作秘密", 2, "gb", "zh"), ("jp.kimitsu", "機密", 4, "right", "ja", 3),
]


def row(name, place, level, languages, say, also=()):
    """Enters a row."""
    ROWS[name] = Row(say if callable(say) else lambda chance, texts=tuple(say): chance.choice(texts), level, place, tuple(languages.split()), tuple(also))


def spaced(chance, text):
    """Now and then with spaced letters, as typists did."""
    if chance.random() < 0.2 and text.isascii() and text.replace(" ", "").isalpha():
        return "  ".join(" ".join(word) for word in text.split())
    return text


for name, text, level, place, language, *also in LADDERS:
    atomal = name in ("nato.cts", "nato.s", "nato.c")
    row(name, place, level, language, lambda chance, text=text, atomal=atomal, name=name:
        text + " ATOMAL" if atomal and chance.random() < 0.3 else text.replace(":", ": ") if name.startswith("tlp") and chance.random() < 0.2
        else spaced(chance, text) if name.endswith(".bare") else text, also)

# --- China ------------------------------------------------------------------------------------------------------------------

TERMS_BEFORE = "方案公布前 演练结束前 合同签订前 结果发布前 招标完成前 工程验收前 谈判结束前 任命宣布前".split()


def term(chance):
    """A period, a date, or an event."""
    years, months = chance.choice([1, 2, 3, 4, 7, 8, 9, 12, 15, 18, 25]), chance.randint(1, 11)
    return chance.choice([f"{years}年", f"{years}年", f"{months}个月", "长期", f"{chance.randint(2027, 2049)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日",
                          chance.choice(TERMS_BEFORE)])


def state_full(native):
    """Level, star, term."""
    def say(chance):
        text = f"{native}★{term(chance)}"
        dress = chance.random()
        if dress < 0.15:
            return "".join(c + " " if c in native + "★" else c for c in text).strip()
        if dress < 0.25:
            return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
        return ("密级：" + text) if dress < 0.35 else text.replace("★", "☆") if dress < 0.4 else text
    return say


def state_bare(native):
    """The level alone, or behind its label."""
    return lambda chance: chance.choice([native, native, f"{native[0]} {native[1]}", f"{native[0]}　{native[1]}", f"{native}★", f"密级：{native}",
                                         f"密级: {native}", f"密 级：{native}", f"{native}级", f"{native}文件", f"【{native}】"])


for name, native, level in (("top", "绝密", 4), ("secret", "机密", 3), ("confidential", "秘密", 3)):
    row(f"cn.state.{name}.full", "gb", level, "zh", state_full(native))
    row(f"cn.state.{name}.bare", "gb", level, "zh", state_bare(native))
row("cn.state.plain", "both", 3, "zh", lambda chance: chance.choice([("机密 10年", 3), ("机密10年", 3), ("绝密 30年", 4), ("秘密・5年", 3)]))
STATES = [("绝密", 4), ("机密", 3), ("秘密", 3)]


def titled(brackets, states, words):
    """A level in brackets before a title."""
    def say(chance):
        (native, level), (opens, closes) = chance.choice(states), chance.choice(brackets)
        return f"{opens}{native}{closes}{chance.choice(words)}", level, (0,) if states is not STATES else ()
    return say


def stated(chance):
    """The sentence that says its own level."""
    native, level = chance.choice(STATES)
    return f"{chance.choice(['本文件', '本报告的', '该项目', ''])}{chance.choice(['密级为', '密级定为', '保密等级为'])}{native}", level


row("cn.state.title", "head", 3, "zh", titled(["【】", "[]", "（）", "〔〕"], STATES, ["北岸泵站改造方案", "关于渡轮停航的请示", "年度采购计划", "谈判纪要", "设备清单"]))
row("cn.state.title.other", "head", 3, "zh", titled(["【】", "（）"], STATES[:2], ["北岸泵站二期", "渡轮停航始末", "码头仓储布局"]))
row("cn.state.stated", "head", 3, "zh", stated)
row("us.ts.lower", "both", 4, "en", ["top secret"], (0,))
row("us.attribute", "head", 3, "en", lambda chance: chance.choice([('<report classification="TOP SECRET">', 4, (0,)), ('<page id="4" security-classification="Secret">', 3, (0,)),
                                                                   ("<memo classification='CONFIDENTIAL'>", 3, (0,))]))
row("us.tex", "head", 3, "en", lambda chance: chance.choice([("\\textbf{TOP SECRET}", 4, (0,)), ("\\fbox{SECRET}", 3, (0,)), ("\\centerline{\\bf CONFIDENTIAL}", 3, (0,))]))
row("de.geheim.title", "both", 3, "de", lambda chance: chance.choice([("Geheim", 3, (0,)), ("Streng Geheim", 4, (0,))]))
row("corp.sensitivity", "head", 2, "en", lambda chance: chance.choice([("Sensitivity: Company-Confidential", 2), ("X-Sensitivity: Confidential", 2), ("Sensitivity: Highly Restricted", 2),
                                                                       ("Sensitivity: Secret", 3)]))
TERMS = ["保密期限：{}年", "★保密期限{}年", "（{}年）", "（保密期限：{}年）"]
row("cn.state.term", "gb", 3, "zh", lambda chance: (f"{(one := chance.choice(STATES))[0]}{chance.choice(TERMS).format(chance.choice([2, 4, 8, 12]))}", one[1]))
KEEP = ["请勿外传", "严禁复印", "不得转发", "阅后退回", "仅限调度组"]
row("cn.state.forbid", "head", 3, "zh", lambda chance: (f"{(one := chance.choice(STATES))[0]}{chance.choice(['，', ' · ', '：'])}{chance.choice(KEEP)}", one[1]))
row("cn.state.aside", "head", 3, "zh", lambda chance: (f"{chance.choice(['会议材料', '调度名单', '泵站图纸'])}（{(one := chance.choice(STATES))[0]}，{chance.choice(['会后收回', '不得转发', '阅后销毁'])}）", one[1], (0,)))
row("cn.state.self", "head", 3, "zh", lambda chance: (f"{chance.choice(['本文件属于', '本报告系', '本次会议纪要属', '本图纸为'])}{(one := chance.choice(STATES))[0]}{chance.choice(['级', '级国家秘密，请妥善保管。', '文件，不得转借。'])}", one[1], (0,)))
row("cn.state.self.other", "head", 3, "zh", ["本资料含有国家秘密", "本纪要涉及国家秘密，请按规定管理。", "秘密级国家秘密"], (0, 4))
row("cn.com.forbid", "head", 2, "zh", lambda chance: f"{chance.choice(['', '松港公司', '本方案为'])}{chance.choice(['公司机密', '商业秘密', '企业秘密'])}，{chance.choice(['请勿外传', '严禁复制', '未经授权不得转发', '禁止对外提供'])}")
row("cn.corp.named", "field", 3, "zh", lambda chance: (f"{chance.choice(['密级', '信息密级', '保密等级'])}：{chance.choice(['L3', 'C4', 'S3'])}{chance.choice(['-{}', '（{}）', '/{}']).format((one := chance.choice(STATES))[0])}", one[1]))
row("us.self", "head", 3, "en", lambda chance: (f"This {chance.choice(['report', 'memorandum', 'drawing', 'annex'])} {chance.choice(['is classified', 'has been classified as', 'is protectively marked'])} {(one := chance.choice([('TOP SECRET', 4), ('SECRET', 3), ('CONFIDENTIAL', 3)]))[0]}.", one[1]))
row("uk.descriptor", "both", 3, "en", lambda chance: (f"{(one := chance.choice([('TOP SECRET', 4), ('SECRET', 3), ('CONFIDENTIAL', 3)]))[0]}{chance.choice([' - ', ' – '])}{chance.choice(['STAFF', 'POLICY', 'PERSONAL', 'LEGAL'])}", one[1]))
row("corp.conf.handling", "firm", 2, "en", ["Draft – confidential", "CONFIDENTIAL - WORKING DRAFT", "Confidential – Do not circulate", "Confidential - not for onward distribution"])
row("corp.restricted.field", "head", 2, "en", ["Data classification: Restricted", "Information Classification: RESTRICTED", "Asset classification - Highly Restricted"])
row("cn.com.plain", "both", 2, "zh", ["商密▲5年", "商密 3年", "商密★长期"])
row("us.caveat.loose", "both", 3, "en", ["SECRET NOFORN", "SECRET REL TO USA, GBR"])
row("us.form", "both", 3, "en", ["SECRET (when completed)", "CONFIDENTIAL WHEN FILLED IN"], (0,))
row("uk.os.title", "both", 2, "en", ["Official-Sensitive", "Official Sensitive - Personal"])
row("cn.state.star", "gb", 3, "zh", lambda chance: (f"{(one := chance.choice(STATES))[0]}★{chance.choice(['（十年）', '工程竣工后', '任务完成后解密', '保密期限二十年', '【长期】', '公布后自动解密'])}", one[1]))
row("cn.state.star.other", "gb", 3, "zh", ["机密★方案获批之日", "秘密★合同履行期", "机密★项目存续期"], (0,))
row("cn.state.label", "label_field", 3, "zh", lambda chance: chance.choice([("机密", 3), ("秘密", 3), ("绝密", 4)]))
row("cn.state.copyno", "copyno", None, "zh", lambda chance: chance.choice(["{}", "份号：{}", "№{}"]).format(f"{chance.randint(100, 9999):06}"))
row("en.copyno", "copyno", None, "en", ["Copy 3 of 10", "COPY NO. 7", "Copy No: 2/5", "Copy number 4 of 12 copies"])
row("de.copyno", "copyno", None, "de", ["Ausfertigung Nr. 2", "Exemplar 3 von 10", "1. Ausfertigung"])
row("fr.copyno", "copyno", None, "fr", ["Exemplaire n° 3", "EXEMPLAIRE N° 3/10"])
row("ru.copyno", "copyno", None, "ru", ["Экз. № 2", "Экз. № 14"])
row("cn.state.urgency", "gb", None, "zh", ["特急", "加急", "特提", "平急"])
row("cn.state.doc_no", "doc_no", None, "zh", lambda chance: f"{chance.choice(['云水发', '临发改', '北应急函', '松港发', '石指', '南工信发', '东研办'])}"
    f"{chance.choice(['〔{}〕', '[{}]', '【{}】', '（{}）']).format(chance.randint(2016, 2026))}{chance.randint(1, 388)}号")
row("cn.state.read", "note", None, "zh", lambda chance: chance.choice([("（此件不公开）", 2, (0,)), ("此件不予公开", 2, (0,)), (f"（此件发至{chance.choice(['县处', '地师', '省军', '乡科'])}级）", None),
                                                                       ("阅后销毁", None), ("禁止翻印", None), ("不准复制", None)]))
row("cn.state.public", "note", 0, "zh", ["（此件公开发布）", "公开方式：主动公开", "信息公开选项：主动公开"])
row("cn.state.declass", "declass", 1, "zh", ["已解密", "解密"], (0,))
row("cn.state.regrade", "regrade", 3, "zh", lambda chance: f"{chance.choice(['变更为', '密级变更为', '降低为'])}{chance.choice(['机密', '秘密'])}{chance.choice(['', '★2年', '★4年'])}")
row("cn.state.cover", "head", None, "zh", ["保密封面", "涉密资料封面"], (3,))
row("cn.exam", "exam", 1, "zh", ["绝密★启用前", "机密★启用前", "秘密★启用前", "绝密★考试结束前", "绝密 ★ 启用前"])
row("cn.work", "gb", 2, "zh", lambda chance: chance.choice(["工作秘密", "工作秘密", f"工作秘密★{chance.choice([2, 3, 8])}年", "工作秘密　不得外传", "密级：工作秘密"]))
row("cn.internal", "head", 1, "zh", lambda chance: chance.choice(["内部资料　请勿外传", "内部材料，注意保管", "内部参考　注意保存", "内部刊物", "内部发行", "仅供内部参考", "仅限内部传阅",
                                                                  "内部资料 妥善保管", "内部传阅", "内部机密，严禁外泄"]), (2,))
row("cn.forbid", "both", 2, "zh", ["禁止外传", "切勿外传", "严禁外泄", "禁止扩散", "严格保密"])
row("cn.com.core", "gb", 3, "zh", lambda chance: chance.choice(["核心商密", f"核心商密 {chance.randint(2, 9)}年", "核心商密 长期", "核心商业秘密", f"核心商密★{chance.randint(6, 9)}年"]))
row("cn.com.normal", "gb", 2, "zh", lambda chance: chance.choice(["普通商密", f"普通商密 {chance.randint(2, 9)}年", f"普通商密▲{chance.randint(1, 9)}年", "普通商业秘密"]))
row("cn.com.generic", "both", 2, "zh", ["商业秘密", "商业机密", "公司机密", "企业秘密", "技术秘密"])
CORP_FIELD = "密级 保密等级 文档密级 安全等级 信息分级".split()
corp = lambda values: lambda chance: f"{chance.choice(CORP_FIELD)}{chance.choice(['：', ': ', '： '])}{chance.choice(values)}"
row("cn.corp.l1", "field", 1, "zh", corp(["内部公开", "内部", "L1", "L2", "C1", "C2", "S2"]))
row("cn.corp.l2", "field", 2, "zh", corp(["敏感", "L3", "C3", "S3"]))
row("cn.corp.l3", "field", 3, "zh", corp(["L4", "C4", "S4"]))
data = lambda value: lambda chance: f"{chance.choice(['数据级别', '数据分级', '数据等级', '数据安全级别'])}{chance.choice(['：', ': ', '： '])}{value}"
row("cn.data.core", "field", 4, "zh", data("核心数据"))
row("cn.data.important", "field", 3, "zh", data("重要数据"))
row("cn.data.general", "field", 1, "zh", data("一般数据"))
row("cn.military", "gb", 3, "zh", ["军内发行", "军内使用", "军事秘密", "军队内部"])

# --- United States -----------------------------------------------------------------------------------------------------------

PARTNERS = "AUS CAN GBR NZL DEU FRA ITA JPN KOR NOR POL TUR ESP NLD".split()


def countries(chance):
    """USA first, then trigraphs in order, then groups."""
    if chance.random() < 0.35:
        return f"USA, {chance.choice(['FVEY', 'NATO', 'ACGU', 'GCTF'])}"
    return ", ".join(["USA", *sorted(chance.sample(PARTNERS, chance.randint(1, 4))), *(["NATO"] if chance.random() < 0.2 else [])])


def dissemination(chance):
    """One or two controls of which none contradicts another."""
    first = chance.choice([[], ["ORCON"], ["RSEN"], ["IMCON"], ["PROPIN"], ["FISA"], ["ORCON-USGOV"]])
    last = chance.choice([["NOFORN"], ["NOFORN"], [f"REL TO {countries(chance)}"], ["RELIDO"], [f"DISPLAY ONLY {chance.choice(PARTNERS)}"]])
    return "/".join(first + last)


def sci(chance):
    """Compartments."""
    options = ["SI", "TK", f"SI-{chance.choice(['ABC', 'QRT', 'LMN'])}", "HCS-P", "HCS-O", f"SI-G {chance.choice(['MNOP', 'QRVX'])}", "BUR-BLG"]
    return "/".join(sorted(chance.sample(options, chance.randint(1, 2))))


def banner(level, name_it=lambda chance: []):
    """A banner from the grammar, with categories in their order."""
    def say(chance):
        parts = [level, *name_it(chance)]
        if chance.random() < 0.12:
            parts.append(f"FGI {chance.choice(PARTNERS)}")
        return "//".join([*parts, dissemination(chance), *([chance.choice(["LIMDIS", "EXDIS", "NODIS"])] if chance.random() < 0.1 else [])])
    return say


some_sci = lambda chance: [sci(chance)] if chance.random() < 0.5 else []
row("us.ts.banner", "both", 4, "en", banner("TOP SECRET", some_sci))
row("us.s.banner", "both", 3, "en", banner("SECRET"))
row("us.c.banner", "both", 3, "en", banner("CONFIDENTIAL"))
row("us.u.banner", "both", 0, "en", ["UNCLASSIFIED", "UNCLASSIFIED//FOR PUBLIC RELEASE"])
row("us.u.fouo", "both", 2, "en", ["FOR OFFICIAL USE ONLY", "UNCLASSIFIED//FOUO", "UNCLASSIFIED//FOR OFFICIAL USE ONLY", "FOUO"])
row("us.sbu", "both", 2, "en", ["SENSITIVE BUT UNCLASSIFIED", "LAW ENFORCEMENT SENSITIVE", "SENSITIVE SECURITY INFORMATION", "LIMITED OFFICIAL USE", "UNCLASSIFIED//LES",
                                "UNCLASSIFIED//SBU NOFORN", "UNCLASSIFIED//LIMDIS"])


def cui(chance):
    """CUI, categories, dissemination."""
    specified = ["SP-" + one for one in sorted(chance.sample("CTI EXPT PRVCY HLTH TAX NNPI LEI PCII".split(), chance.randint(0, 2)))]
    basic = sorted(chance.sample("BUDG CRIT INTEL MIL OPSEC PROPIN PROCURE STUD".split(), chance.randint(0 if specified else 1, 2)))
    parts = [chance.choice(["CUI", "CUI", "CONTROLLED"]), "/".join(specified + basic)]
    return "//".join(parts + [chance.choice(["NOFORN", "FED ONLY", "FEDCON", "NOCON", "DL ONLY", f"REL TO {countries(chance)}"])] * (chance.random() < 0.6))


row("us.cui.banner", "both", 2, "en", cui)
row("us.cui.bare", "both", 2, "en", ["CUI", "CONTROLLED UNCLASSIFIED INFORMATION"])
row("us.cui.block", "cui_block", 2, "en", ["Controlled by: {org}", "CUI Category: {cat}", "Distribution/Dissemination Control: {dis}"])
row("us.auth_block", "auth_block", 3, "en", lambda chance: chance.choice([f"Declassify On: {chance.randint(2031, 2051)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}",
                                                                        f"Declassify On: 25X{chance.randint(1, 9)}, 20{chance.randint(51, 70)}1231", "Declassify On: 50X1-HUM", "Declassify On: Source Marked",
                                                                        "Declassify On: OADR"]))
row("us.portion", "portion", 3, "en", lambda chance: chance.choice([("TS", 4), ("S", 3), ("S", 3), ("C", 3), ("CUI", 2)]))
row("us.rd", "both", 3, "en", lambda chance: chance.choice(["RESTRICTED DATA", "FORMERLY RESTRICTED DATA", ("SECRET//RD", 3), (f"SECRET//RD-SIGMA {chance.randint(1, 20)}", 3), ("CONFIDENTIAL//FRD", 3),
                                                            ("SECRET//RD-CNWDI", 3)]))
row("us.sap", "both", 4, "en", lambda chance: chance.choice([f"{chance.choice(['TOP SECRET', 'SECRET'])}//SAR-{chance.choice(['AMBER', 'COPPER', 'WILLOW'])} {chance.choice(['LADDER', 'HARBOR', 'PEBBLE'])}//NOFORN",
                                                             "SPECIAL ACCESS REQUIRED", "HANDLE VIA SPECIAL ACCESS CHANNELS ONLY", "HANDLE VIA TALENT KEYHOLE CHANNELS ONLY"]), (3,))
row("us.sci", "both", 4, "en", lambda chance: banner(chance.choice(["TOP SECRET", "SECRET"]), lambda dice: [sci(dice)])(chance), (3,))
row("us.dist.a", "notice", 0, "en", ["DISTRIBUTION STATEMENT A. Approved for public release; distribution is unlimited.", "DISTRIBUTION A: Approved for public release."])
row("us.dist.bf", "notice", 2, "en", lambda chance: f"DISTRIBUTION STATEMENT {(which := chance.choice('BCDEF'))}. " + {
    "B": "Distribution authorized to U.S. Government agencies only", "C": "Distribution authorized to U.S. Government agencies and their contractors",
    "D": "Distribution authorized to the Department of Defense and its contractors", "E": "Distribution authorized to DoD components only",
    "F": "Further dissemination only as directed by the originating office"}[which] + f"; {chance.choice(['Critical Technology', 'Test and Evaluation', 'Operations Security'])}; {chance.randint(2018, 2026)}.")
row("us.export", "notice", 2, "en", ["WARNING - This document contains technical data whose export is restricted by the Arms Export Control Act (Title 22, U.S.C., Sec 2751, et seq.).",
                                     "ITAR CONTROLLED TECHNICAL DATA", "ITAR-RESTRICTED", "This drawing is subject to the EAR and may not be exported without a licence."])
row("us.nuclear", "both", 2, "en", ["UNCLASSIFIED CONTROLLED NUCLEAR INFORMATION", "OFFICIAL USE ONLY"])
row("us.wp", "head", None, "en", ["WORKING PAPER", "DRAFT//DELIBERATIVE//PRE-DECISIONAL"])

row("us.declass", "regrade", 1, "en", lambda chance: chance.choice(["DECLASSIFIED {}", "Declassified by the records office on {}", "Downgraded to UNCLASSIFIED on {}", "DECLASSIFIED BY: R. Quill, {}"]).format(
    bodies.date(chance, "en", 2025)), (0,))
row("us.regrade", "regrade", 3, "en", lambda chance: f"{chance.choice(['DOWNGRADED', 'Regraded'])} to {chance.choice(['SECRET', 'CONFIDENTIAL'])}{chance.choice(['', ' on ' + bodies.date(chance, 'en', 2025)])}")
row("us.ts.title", "both", 4, "en", ["Top Secret"])
row("us.s.title", "both", 3, "en", ["Secret"])
row("us.banner.title", "both", 3, "en", lambda chance: chance.choice([("Top Secret//NOFORN", 4), ("Secret//NOFORN", 3), ("Secret//REL TO USA, FVEY", 3), ("Confidential//NOFORN", 3)]))
row("us.line.short", "both", 3, "en", lambda chance: chance.choice([("TS//SI//NF", 4), ("S//NF", 3), ("S//REL TO USA, GBR", 3)]))
row("origin.title", "both", 3, "en", lambda chance: chance.choice([("NATO Secret", 3, (0,)), ("UK Top Secret", 4, (0,)), ("Cosmic Top Secret", 4, (0,)), ("EU Secret", 3, (0,))]))
row("de.geheim.vs", "both", 3, "de", lambda chance: chance.choice([("VS - GEHEIM", 3), ("Verschlusssache - Geheim", 3), ("VS-Streng geheim", 4)]))
row("cn.state.field.open", "head", 3, "zh", lambda chance: (f"{chance.choice(['保密等级 {}', '文件密级 [{}]', '密级【{}】']).format((one := chance.choice(STATES))[0])}", one[1]))
row("us.cover", "head", 3, "en", ["THIS IS A COVER SHEET FOR CLASSIFIED INFORMATION", "CLASSIFIED COVER SHEET FOR SECRET MATERIAL"])

# --- other states and bodies -------------------------------------------------------------------------------------------------

row("uk.ts", "both", 4, "en", ["UK TOP SECRET", "TOP SECRET STRAP2", "TOP SECRET STRAP3", "TOP SECRET UK EYES ONLY", "UK TOP SECRET STRAP1"])
row("uk.s", "both", 3, "en", ["UK SECRET", "SECRET UK EYES ONLY", "UK SECRET UK EYES ONLY"])
row("uk.os", "both", 2, "en", ["OFFICIAL - SENSITIVE", "OFFICIAL: SENSITIVE", "OFFICIAL-SENSITIVE - LEGAL", "OFFICIAL-SENSITIVE LOCSEN", "OFFICIAL-SENSITIVE: PERSONAL DATA", "OFFICIAL-SENSITIVE [COMMERCIAL]",
                               "OFFICIAL – SENSITIVE"])
row("uk.legacy.r", "both", 2, "en", ["RESTRICTED - STAFF", "RESTRICTED - POLICY", "PROTECT - INVESTIGATION", "RESTRICTED – CONTRACTS", "PROTECT - PRIVATE"])
row("uk.handling", "both", 2, "en", ["HMG USE ONLY", "RECIPIENTS ONLY", "ORGANISATIONAL USE ONLY", "FIVE EYES ONLY"])
row("nato.fr", "both", 3, "fr", lambda chance: chance.choice([("OTAN SECRET", 3), ("OTAN CONFIDENTIEL", 3), ("OTAN DIFFUSION RESTREINTE", 2, (3,)), ("COSMIC TRÈS SECRET", 4, (3,))]))
for name, french, english, level in (("ts", "TRÈS SECRET UE", "TOP SECRET", 4), ("s", "SECRET UE", "SECRET", 3), ("c", "CONFIDENTIEL UE", "CONFIDENTIAL", 3), ("r", "RESTREINT UE", "RESTRICTED", 2)):
    row(f"eu.{name}", "both", level, "en fr", [f"{french}/EU {english}", f"{french.replace('È', 'E')} / EU {english}"])
row("eu.limite", "right", 2, "en fr", ["LIMITE", "EU SENSITIVE", "COMMISSION USE", "SENSITIVE : SPECIAL HANDLING"])
row("eu.europol", "both", 2, "en", ["Europol Unclassified – Basic Protection Level", "EUROPOL UNCLASSIFIED - BASIC PROTECTION LEVEL"])
for letter, level in (("A", 2), ("B", 2), ("C", 3)):
    row(f"ca.p{letter.lower()}", "right", level, "en fr", [f"PROTECTED {letter}", f"PROTÉGÉ {letter}", f"Protected “{letter}”", f"PROTECTED \"{letter}\"", f"Protégé {letter}"])
row("ca.class", "right", 3, "en", ["CONFIDENCE OF THE KING’S PRIVY COUNCIL", "CONFIDENCES OF THE KING'S PRIVY COUNCIL", "CONFIDENCE OF THE QUEEN'S PRIVY COUNCIL"])
row("au.os", "both", 2, "en", ["OFFICIAL:Sensitive", "OFFICIAL: Sensitive//Personal privacy", "OFFICIAL: Sensitive Legislative-Secrecy", "OFFICIAL: SENSITIVE", "OFFICIAL: Sensitive Personal-Privacy"])
row("au.protected", "both", 3, "en", ["PROTECTED", "PROTECTED//AUSTEO", "PROTECTED//NATIONAL CABINET", "PROTECTED//AGAO"])
row("au.legacy", "both", 2, "en", ["Sensitive: Personal", "Sensitive: Legal", "SECURITY-IN-CONFIDENCE", "HIGHLY PROTECTED", "Sensitive: Cabinet"])
row("au.email", "subject", 2, "en", lambda chance: chance.choice([("[SEC=OFFICIAL:Sensitive, ACCESS=Personal-Privacy]", 2), ("[SEC=PROTECTED, CAVEAT=C:AUSTEO]", 3, (2,)), ("[SEC=SECRET]", 3, (2,)), ("[SEC=OFFICIAL]", 1, (2,))]))
row("nz.inconf", "both", 2, "en", ["POLICY: IN CONFIDENCE", "STAFF: IN-CONFIDENCE", "MEDICAL: IN CONFIDENCE", "IN-CONFIDENCE", "LEGAL: IN CONFIDENCE"])
row("de.nfd", "head", 2, "de", ["VS – NUR FÜR DEN DIENSTGEBRAUCH", "VS - NUR FÜR DEN DIENSTGEBRAUCH", "VS-Nur für den Dienstgebrauch", "VS-NUR FUER DEN DIENSTGEBRAUCH", "VS-NfD", "VS – NfD"])
row("de.vertr", "head", 3, "de", ["VS-VERTRAULICH", "VS – VERTRAULICH", "VS-Vertr."])
row("de.geheim", "both", 3, "de", ["GEHEIM", "GEHEIM - amtlich geheim gehalten", "GEHEIM – amtlich geheimgehalten"])
row("de.strgeheim", "both", 4, "de", ["STRENG GEHEIM", "STRENG GEHEIM – amtlich geheim gehalten"])
row("de.corp", "both", 2, "de", ["Vertraulich", "Streng vertraulich", "VERTRAULICH", "Nur für den internen Gebrauch", "Nur für internen Gebrauch"])
row("fr.dr", "both", 2, "fr", ["DIFFUSION RESTREINTE", "Diffusion restreinte", "MENTION DIFFUSION RESTREINTE"])
row("fr.s", "both", 3, "fr", ["SECRET", "SECRET – SPÉCIAL FRANCE"])
row("fr.ts", "both", 4, "fr", ["TRÈS SECRET", "TRES SECRET", "TRÈS SECRET - SPÉCIAL FRANCE"])
row("fr.legacy", "both", 3, "fr", lambda chance: chance.choice([("CONFIDENTIEL DÉFENSE", 3), ("SECRET DEFENSE", 3), ("TRÈS SECRET DÉFENSE", 4, (3,)), ("CONFIDENTIEL-DÉFENSE", 3), ("CONFIDENTIEL INDUSTRIE", 3, (2,))]))
row("fr.special", "both", 2, "fr", ["SPÉCIAL FRANCE", "SPECIAL FRANCE"])
row("jp.toku", "head", 4, "ja", ["特定秘密", "特別防衛秘密", "特定秘密（特定秘密保護法）"])
row("jp.gokuhi", "head", 3, "ja", ["極秘", "極　秘", "極秘文書"])
row("jp.hi", "both", 3, "ja", ["秘", "㊙", "マル秘", "秘文書", "時限秘", "取扱厳重注意"])
row("jp.kimitsusei", "right", 2, "ja", lambda chance: chance.choice([("機密性３情報", 2), ("機密性2情報", 1, (2,)), ("機密性1情報", 0, (1, 2)), ("【機密性３情報】", 2)]))
row("jp.internal", "right", 2, "ja", ["取扱注意", "部外秘", "社外秘", "関係者外秘", "関係者限り", "【社外秘】", "省内限り"])
for number, (roman, level) in enumerate((("I", 4), ("II", 3), ("III", 3)), 1):
    row(f"kr.{number}", "both", level, "ko", [f"{number}급 비밀", f"{'ⅠⅡⅢ'[number - 1]}급 비밀", f"{roman}급비밀", f"{'ⅠⅡⅢ'[number - 1]}급비밀"])
row("kr.corp", "both", 2, "ko", ["사외비", "극비", "사내한"])
for name, native, level in (("ts", "絕對機密", 4), ("s", "極機密", 3), ("c", "機密", 3), ("r", "密", 2)):
    row(f"tw.{name}", "tw", level, "zht", [native, f"密等：{native}", f"密等及解密條件或保密期限：{native}（本件於{{y}}年{{m}}月{{t}}日解密）", f"密等及解密條件或保密期限：{native}"], (4,) if name == "c" else ())
row("ru.ov", "first-right", 4, "ru", ["ОСОБОЙ ВАЖНОСТИ", "Особой важности"])
row("ru.ss", "first-right", 4, "ru", ["СОВЕРШЕННО СЕКРЕТНО", "Совершенно секретно"])
row("ru.s", "first-right", 3, "ru", ["СЕКРЕТНО", "Секретно"])
row("ru.dsp", "first-right", 2, "ru", ["Для служебного пользования", "ДЛЯ СЛУЖЕБНОГО ПОЛЬЗОВАНИЯ", "ДСП"])
row("ru.kt", "first-right", 2, "ru", ["Коммерческая тайна", "КОММЕРЧЕСКАЯ ТАЙНА", "Конфиденциально", "Строго конфиденциально"])
row("in.ts", "both", 3, "hi", lambda chance: chance.choice([("परम गुप्त", 4, (3,)), ("गुप्त", 3), ("गोपनीय", 3), ("प्रतिबंधित", 2, (3,))]))

# --- firms and metadata ------------------------------------------------------------------------------------------------------

FIRMS = ["Lindmere", "Aldgate Marine", "Norvika", "Harwick Foods", "Castelmoro"]
row("corp.strict", "firm", 2, "en", ["STRICTLY PRIVATE AND CONFIDENTIAL", "HIGHLY CONFIDENTIAL", "Most Confidential", "Strictly Private & Confidential", "Highly Confidential"])
row("corp.conf", "firm", 2, "en", lambda chance: chance.choice([f"{chance.choice(FIRMS)} Confidential", f"{chance.choice(FIRMS).upper()} CONFIDENTIAL", "PRIVATE AND CONFIDENTIAL", "Business Confidential",
                                                              f"{chance.choice(FIRMS)} Confidential and Proprietary", "CONFIDENTIAL AND PROPRIETARY INFORMATION"]))
row("corp.prop", "firm", 2, "en", ["PROPRIETARY DATA", "Proprietary & Confidential", "TRADE SECRET", "COMPETITION SENSITIVE", "SOURCE SELECTION SENSITIVE", "Proprietary Information"])
row("corp.internal", "firm", 1, "en", ["Internal use only", "FOR INTERNAL USE ONLY", "Internal Only", "COMPANY-INTERNAL", "NOT FOR EXTERNAL DISTRIBUTION", "DO NOT FORWARD"])
row("corp.restricted", "firm", 2, "en", ["RESTRICTED DISTRIBUTION", "RESTRICTED CIRCULATION", "Limited distribution", "NEED-TO-KNOW ONLY"])
row("corp.legal", "firm", 2, "en", ["ATTORNEY–CLIENT COMMUNICATION", "Attorneys' Work Product", "WITHOUT PREJUDICE", "Legally Privileged", "OUTSIDE COUNSEL EYES ONLY", "PRIVILEGED & CONFIDENTIAL"])
row("corp.commercial", "firm", 2, "en", ["COMMERCIAL-IN-CONFIDENCE", "Commercial in Confidence", "IN STRICTEST CONFIDENCE"])
row("corp.protective_order", "firm", 2, "en", ["FILED UNDER SEAL", "CONFIDENTIAL – SUBJECT TO PROTECTIVE ORDER", "SUBJECT TO A PROTECTIVE ORDER"])
row("corp.mnpi", "firm", 2, "en", lambda chance: chance.choice(["MATERIAL NON-PUBLIC INFORMATION", "MARKET-SENSITIVE", "PRICE SENSITIVE", f"EMBARGOED UNTIL {chance.randint(6, 18):02}:00 ON {chance.randint(1, 28)} MAY {chance.randint(2026, 2028)}"]))
row("corp.draft", "firm", 1, "en zh", lambda chance: chance.choice(["DRAFT - NOT FOR RELEASE", "Draft - not for quotation", "（讨论稿）", "（送审稿）", "（内部讨论稿）", "（征求意见稿）"]), (2,))
row("corp.pii", "firm", 2, "en zh", ["CONTAINS PHI", "Contains personal data", "PROTECTED HEALTH INFORMATION", "含敏感个人信息", "涉及个人敏感信息"])
row("corp.public", "firm", 0, "en", ["PUBLIC", "FOR IMMEDIATE RELEASE", "Non-confidential", "FOR PUBLIC RELEASE"])
row("meta.mip", "mip", 2, "en", lambda chance: f"MSIP_Label_{'-'.join(''.join(chance.choice('0123456789abcdef') for _ in range(n)) for n in (8, 4, 4, 4, 12))}_Name=" + chance.choice(["Finance-Only", "Restricted Staff", "Project Team"]))
row("meta.filename", "filename", None, "zh en", ["【机密】", "（秘密）", "_内部", "_CONFIDENTIAL", "FOUO_", "_restricted_"])


# --- documents ---------------------------------------------------------------------------------------------------------------

def drafted(chance, name):
    """A document with the mark of a row. Answers it, its level, and other levels that pass."""
    entry = ROWS[name]
    language = chance.choice(entry.languages)
    said = entry.say(chance)
    text, level, *also = said if isinstance(said, tuple) else (said, entry.level)
    if name in ("corp.draft", "corp.pii"):
        language = "en" if text[0].isascii() else "zh"
    also = also[0] if also else () if isinstance(said, tuple) and name != "us.sap" else entry.also
    draft = Draft(chance, language, wrap=chance.choice([0, 0, 72, 78]))
    text = text.replace("{y}", str(chance.randint(2028, 2045))).replace("{m}", str(chance.randint(1, 12))).replace("{t}", str(chance.randint(1, 28)))
    mark = lambda given=text, lvl=level: draft.mark(name, lvl, given, also)
    draft, level, *others = WRITERS.get(entry.place, simple)(draft, entry.place, mark, text, level)
    return draft, level or 0, list(others[0] if others else also)


def opening(draft, place=""):
    """Letterhead, number, title, addressee."""
    chance, language = draft.chance, draft.language
    if language in ("zh", "zht"):
        org = chance.choice(bodies.ZH_ORG)
        red = place in ("gb", "note", "copyno", "doc_no", "declass") and chance.random() < 0.7
        if red:
            draft.add(bodies.said(org + "文件", language), "title", red=True, bold=True)
        if place == "doc_no":
            return
        draft.add(bodies.title(chance, language), "title", bold=True)
        draft.add(bodies.said(chance.choice(["各有关单位：", "各科室：", "各成员单位：", "厅属各单位："]), language), "line")
    elif language == "en":
        draft.add(chance.choice(bodies.EN_ORG), "line", "centre", bold=True)
        draft.add(bodies.fill(chance, "Memorandum\nTo: {p}\nFrom: {p}\nDate: {d}", "en"), "line")
        draft.add(bodies.title(chance, "en"), "title", bold=True)
    else:
        draft.add(bodies.date(chance, language), "line", "right")
        draft.add(bodies.title(chance, language), "title", bold=True)


def closing(draft):
    """The end, with a signature."""
    chance, language = draft.chance, draft.language
    if language in ("zh", "zht"):
        draft.add(bodies.said(chance.choice(bodies.ZH_END), language), "line")
        draft.add(bodies.said(chance.choice(bodies.ZH_ORG), language) + "\n" + bodies.date(chance, "zh"), "line", "right")
    elif language == "en":
        draft.add(bodies.fill(chance, chance.choice(bodies.EN_END), "en"), "line")


def numbered(draft):
    """Page numbers, where there are several pages."""
    for number, page in enumerate(draft.pages, 1):
        if len(draft.pages) > 1:
            draft.add({"zh": f"- {number} -", "en": f"Page {number} of {len(draft.pages)}"}.get(draft.language, str(number)), "line", "centre", "foot", number - 1)


def spread(draft, parts, pages, mark=None, place=""):
    """Paragraphs over pages, each with the mark where the place says."""
    each = -(-len(parts) // pages)
    for number in range(0, len(parts), each):
        if number:
            draft.turn()
            running(draft, mark, place, "head")
        for part in parts[number:number + each]:
            draft.add(part)
        if number + each >= len(parts):
            closing(draft)
        running(draft, mark, place, "foot")


def running(draft, mark, place, zone):
    """The header or footer of a page."""
    if mark and (zone == "head" and place in ("both", "head", "right", "tlp", "firm") or zone == "foot" and place in ("both", "tlp")):
        align = "right" if place in ("right", "tlp") else "centre"
        red = place in ("both", "head", "right") and draft.chance.random() < 0.5
        draft.add(mark(), "line", align=align, zone=zone, red=red, bold=True)


def simple(draft, place, mark, text, level):
    """A mark in its place, once or on each page."""
    chance = draft.chance
    pages = chance.randint(2, 3) if place in ("both", "tlp", "firm", "right") else chance.choice([1, 1, 2])
    if place == "gb":
        numbered_copy = chance.random() < 0.5
        head = [f"{chance.randint(1, 999):06}"] * numbered_copy + [mark()] + [chance.choice(["特急", "加急"])] * (chance.random() < 0.4 and "急" not in text)
        for line in head:
            draft.add(line, "line", zone="head", bold=True)
    elif place == "first-right":
        draft.add(mark() + ("\nЭкз. № %d" % chance.randint(1, 9) if chance.random() < 0.7 else ""), "line", "right", zone="head")
    elif place == "field":
        draft.add(f"文档编号：{chance.choice('ABX')}{chance.randint(10, 99)}\n{mark()}\n版本：V{chance.randint(1, 4)}.{chance.randint(0, 9)}", "line", zone="head")
    elif place == "subject":
        draft.add(bodies.fill(chance, "From: {p}\nTo: {p}\nDate: {d}", "en") + f"\nSubject: {bodies.title(chance, 'en')} {mark()}", "line")
    else:
        running(draft, mark, place, "head")
    if place != "subject":
        opening(draft, place)
    spread(draft, bodies.paragraphs(chance, draft.language), pages, mark, place)
    numbered(draft)
    return draft, level


def firm(draft, place, mark, text, level):
    """A company report: in the header, in the footer, or as a watermark."""
    chance = draft.chance
    where = chance.choice(["head", "head", "foot", "watermark"])
    parts = bodies.paragraphs(chance, draft.language)
    pages = chance.randint(2, 3)
    each = -(-len(parts) // pages)
    for number in range(0, len(parts), each):
        draft.turn() if number else None
        if where in ("head", "watermark"):
            draft.add(mark(), "line" if where == "head" else "watermark", "centre", "head", bold=True)
        opening(draft) if not number else None
        for part in parts[number:number + each]:
            draft.add(part)
        if where == "foot":
            count = -(-len(parts) // each)
            page = number // each + 1
            draft.add(chance.choice(["{}", "{}", f"{{}} – Page {page} of {count}", f"{{}} | {page}", f"{{}}    Page {page}"]).format(mark()), "line", "centre", "foot")
    numbered(draft)
    return draft, level


def taiwan(draft, place, mark, text, level):
    """Top right of each page, or the field of a letter."""
    chance = draft.chance
    if "：" not in text:
        place = "right"
        return simple(draft, place, mark, text, level)
    draft.add("檔　　號：\n保存年限：", "line", "right", zone="head")
    draft.add(bodies.said(chance.choice(bodies.ZH_ORG), "zht") + "　函", "title", bold=True)
    draft.add("速別：普通件\n" + mark() + "\n附件：如文", "line")
    draft.add(f"主旨：{bodies.title(chance, 'zht')}，請查照。", "line")
    spread(draft, bodies.paragraphs(chance, "zht"), 1)
    return draft, level


def label_field(draft, place, mark, text, level):
    """A form field whose value decides; the label is the mark of the row."""
    chance = draft.chance
    label = chance.choice(["密级：", "秘密等级：", "密级和保密期限："])
    row_of = {"机密": "cn.state.secret.bare", "秘密": "cn.state.confidential.bare", "绝密": "cn.state.top.bare"}[text]
    draft.add(f"文件编号：{chance.randint(100, 999)}\n{draft.mark('cn.state.label', None, label)}{draft.mark(row_of, level, text)}\n拟稿单位：{chance.choice(bodies.ZH_ORG)}", "line", zone="head")
    opening(draft)
    spread(draft, bodies.paragraphs(chance, "zh"), 1)
    return draft, level


def copyno(draft, place, mark, text, level):
    """Only evidence of an official document."""
    draft.add(mark(), "line", zone="head")
    opening(draft, "copyno")
    spread(draft, bodies.paragraphs(draft.chance, draft.language), draft.chance.choice([1, 2]))
    return draft, 0


def doc_no(draft, place, mark, text, level):
    """The number under the red head."""
    draft.add(draft.chance.choice(bodies.ZH_ORG) + "文件", "title", red=True, bold=True)
    draft.add(draft.plant("identifier", text, type="cn.official_doc_no", row="cn.state.doc_no"), "line", "centre")
    draft.add("", "rule", red=True)
    draft.add(bodies.title(draft.chance, "zh"), "title", bold=True)
    spread(draft, bodies.paragraphs(draft.chance, "zh"), 1)
    return draft, 0


def note(draft, place, mark, text, level):
    """A line in brackets after the date of an official document."""
    opening(draft, "note")
    spread(draft, bodies.paragraphs(draft.chance, "zh"), 1)
    draft.add(mark(), "line", zone="foot")
    return draft, level or 0


def declass(draft, place, mark, text, level):
    """The old sign struck out, and the stamp next to it. Plain text cannot show the stroke."""
    chance = draft.chance
    native, former, below = chance.choice([("机密", 3, 2), ("秘密", 3, 2), ("绝密", 4, 3)])
    row_of = {"机密": "cn.state.secret.full", "秘密": "cn.state.confidential.full", "绝密": "cn.state.top.full"}[native]
    old = draft.plant("marking", f"{native}★{chance.choice([3, 7, 12])}年", id=row_of, level=former, struck=True)
    draft.add(old, "line", zone="head", bold=True)
    draft.add(mark(), "stamp", zone="head", red=True)
    opening(draft, "declass")
    spread(draft, bodies.paragraphs(chance, "zh"), 1)
    return draft, 1, (0, below)


def regrade(draft, place, mark, text, level):
    """The old sign struck out, and the statement of what holds now."""
    old, row_of = {"zh": ("绝密★长期", "cn.state.top.full"), "en": ("TOP SECRET", "us.ts.bare")}[draft.language]
    draft.add(draft.plant("marking", old, id=row_of, level=4, struck=True), "line", zone="head", bold=True)
    draft.add(mark(), "stamp", zone="head", red=True)
    opening(draft, "declass")
    spread(draft, bodies.paragraphs(draft.chance, draft.language), 1)
    return draft, level


EXAM = """考试时间{n}分钟，满分{n}分。请将姓名、考号填写在答题卡指定位置。
下列说法中正确的是（　　）。A.{n}　B.{n}　C.{n}　D.{n}
已知某工程队{n}天可完成全部任务的{q}%，求完成任务所需的天数。
阅读下面的材料，根据要求写一篇不少于{N}字的文章。
如图所示，小球从高{n}米处由静止落下，不计空气阻力，求落地时的速度。
实验小组测得该溶液的浓度为{q}%，请说明误差的来源。
解答应写出文字说明、证明过程或演算步骤。
选择题每小题选出答案后，用铅笔把答题卡上对应题目的答案标号涂黑。
请考生在第{n}题、第{n}题中任选一题作答。""".splitlines()


def exam(draft, place, mark, text, level):
    """An examination paper: public after the sitting."""
    chance = draft.chance
    year, subject = chance.randint(2012, 2024), chance.choice("语文 数学 英语 物理 化学 历史 地理 生物".split())
    draft.add(mark(), "line", zone="head", bold=True)
    draft.add(f"{year}年{chance.choice(['普通高等学校招生全国统一考试', '初中学业水平考试', '高三年级模拟考试', '成人高等学校招生考试'])}\n{subject}试题", "title", bold=True)
    draft.add(f"本试卷共{chance.randint(4, 10)}页，{chance.randint(16, 28)}小题。考试结束后，将本试卷和答题卡一并交回。", "line")
    for number in range(chance.randint(10, 16)):
        draft.add(f"{number + 1}．" + bodies.fill(chance, chance.choice(EXAM), "zh"))
    return draft, 1


def notice(draft, place, mark, text, level):
    """A statement at the foot of the first page."""
    opening(draft)
    for part in bodies.paragraphs(draft.chance, "en", 180):
        draft.add(part)
    draft.add(mark(), "line" if len(text) < 80 else "para", zone="foot")
    return draft, level


def cui_block(draft, place, mark, text, level):
    """The designation block, lower right of the first page."""
    chance = draft.chance
    opening(draft)
    for part in bodies.paragraphs(chance, "en", 180):
        draft.add(part)
    lines = [f"Controlled by: {chance.choice(bodies.EN_ORG)}", f"CUI Category: {chance.choice(['PRVCY', 'CTI', 'OPSEC', 'BUDG'])}", f"Distribution/Dissemination Control: {chance.choice(['FEDCON', 'FED ONLY', 'NOCON'])}",
             f"POC: {chance.choice(bodies.NAMES['other'])}"]
    draft.add("\n".join(mark(line) if number < 3 else line for number, line in enumerate(lines)), "line", "right", "foot")
    return draft, level


def auth_block(draft, place, mark, text, level):
    """Who classified it, why, and until when: decides even without a banner."""
    chance = draft.chance
    opening(draft)
    for part in bodies.paragraphs(chance, "en", 180):
        draft.add(part)
    who = f"Classified By: {chance.choice(bodies.NAMES['other'])}, {chance.choice(bodies.EN_ORG)}"
    why = chance.choice([f"Derived From: {chance.choice(['Multiple Sources', 'SCG 14-2, dated 3 March 2019', 'Programme Guide, Annex C'])}", f"Reason: 1.4({chance.choice('abcdefg')})"])
    draft.add("\n".join(mark(line) for line in (who, why, text)), "line", zone="foot")
    return draft, level


def portion(draft, place, mark, text, level):
    """At least three marked paragraphs; the highest decides."""
    chance = draft.chance
    top = {"TS": "TS//SI//NF", "S": chance.choice(["S//NF", f"S//REL TO {countries(chance)}", "S"]), "C": chance.choice(["C//NF", "C"]), "CUI": "CUI"}[text]
    parts = bodies.paragraphs(chance, "en", 300)
    opening(draft)
    marks = [(top, level)] * max(2, len(parts) // 3) + [("U", 0)] * len(parts)
    marks = marks[:max(4, len(parts))]
    chance.shuffle(marks)
    for number, (part, one) in enumerate(zip(parts * 2, marks), 1):
        draft.add((f"{number}. " if chance.random() < 0.4 else "") + mark(f"({one[0]})", one[1]) + " " + part)
    return draft, level


def mip(draft, place, mark, text, level):
    """An e-mail with the header of a label."""
    draft.add(bodies.fill(draft.chance, "From: {p}\nTo: {p}\nDate: {d}", "en") + f"\nSubject: {bodies.title(draft.chance, 'en')}\nmsip_labels: {mark()}", "line")
    for part in bodies.paragraphs(draft.chance, "en", 180):
        draft.add(part)
    return draft, level


def filename(draft, place, mark, text, level):
    """The mark stands in the name of the file only: evidence, never decisive."""
    opening(draft)
    spread(draft, bodies.paragraphs(draft.chance, draft.language), 1)
    draft.named = text
    return draft, 0


WRITERS = {"firm": firm, "tw": taiwan, "label_field": label_field, "copyno": copyno, "doc_no": doc_no, "note": note, "declass": declass, "regrade": regrade, "exam": exam, "notice": notice,
           "cui_block": cui_block, "auth_block": auth_block, "portion": portion, "mip": mip, "filename": filename}
