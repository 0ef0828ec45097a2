"""What generated pages say: sentences, and planted strings that must be found again. Everything is made up.

Languages: `en`, `zh` (simplified), `zht` (traditional), `mixed` (simplified Chinese with English terms and lines).
"""
import random
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

EN_WORDS = """account action agency agreement annual answer appendix approval archive area assembly audit authority balance
basin bearing board branch bridge budget building bureau cabinet calendar campaign canal capacity carrier centre chapter
charge circuit clause client climate coast code column committee company concrete condition contract control copper corridor
council country course court crane crew customs data deadline debt decision delay delivery demand department depot deputy
design detail device district division document draft drainage duty effect election energy engine entrance equipment estimate
evidence exchange expense expert export factory field figure file finance fishery fleet floor folder forecast foreign forest
form forum foundation freight fuel function fund garden gate goods grant ground group growth guard guide harbour hearing heating
history hospital house hydrogen import income index industry inquiry inspection institute insurance interest interview invoice
island issue item journal junction kitchen labour laboratory ladder land language laser launch law layer leader league lease
ledger letter level library licence limit line list load loan location machine magazine mail manager manual map margin marine
market master material matter meadow measure medicine meeting member memory message metal meter method mine minister minute
mission mobile model module month motor mountain museum network notice number object office officer oil operation opinion option
order outcome output package page paint panel paper parish park parliament part partner party passage patent path pattern payment
people period permit person phase photograph pipe place plan plant plate platform point police policy port position post power
practice premises pressure price principle print prison problem procedure process product profit programme project property
proposal protocol province public purchase quality quarter question railway range rate ratio reactor receipt record reference
reform region register relation release remark rent repair report request research reserve reservoir resource response result
return revenue review river road roof room route rule safety salary sample scale schedule scheme school science screen season
section sector security selection series service session settlement share sheet shelter ship signal site size society soil
solution source space staff stage standard state station statement steel stock storage store storm strategy stream street
structure study subject substance summary supply support surface survey system table target task tax team technology term test
theory timber title topic total tower town track trade traffic training transfer transport treaty trial truck tunnel turbine
union unit valley value valve vehicle vessel village visit volume wage wall warehouse warning waste water weather weight welfare
wharf winter witness wood work worker workshop yard year zone""".split()

EN_VERBS = """accepts adopts approves arranges assesses assigns attaches avoids begins builds carries checks collects compares
completes confirms considers contains continues covers decides delivers describes develops discusses divides encourages ensures
establishes examines excludes expects explains extends follows forwards governs grants handles improves includes increases
informs inspects introduces keeps lists maintains manages measures mentions moves notes obtains offers opens organises permits
plans prepares presents prevents proposes protects provides publishes receives recommends records reduces refers registers
rejects repairs replaces requires reserves returns reviews selects sends serves shows signs states submits suggests supplies
supports suspends transfers updates uses visits weighs withdraws""".split()

EN_JOINS = ["because", "although", "while", "before", "after", "unless", "and", "but", "so that", "provided that", "whereas"]
EN_ADJECTIVES = """additional available central certain civil clear common complete current detailed direct domestic early
eastern effective entire essential external final formal former full further general heavy important initial internal joint
large late legal local long main medium minor modern monthly mutual narrow national natural necessary new normal northern
official old open original particular permanent possible present previous private proper provisional quarterly rapid recent
regional regular relevant responsible rural second separate serious several short similar single small social southern special
specific stable strong suitable technical temporary third thorough total upper urban useful various western whole wide
written""".split()

EN_FIRST = """Abigail Adrian Agnes Albert Amelia Arthur Beatrice Bernard Bridget Cecilia Clement Constance Cyril Daphne Dominic
Edith Edmund Eleanor Felix Florence Gerald Gwendolen Harriet Hector Imogen Isaac Josephine Julian Katherine Leonard Lucinda
Margaret Matthias Nathaniel Octavia Oliver Penelope Quentin Rosalind Rupert Sebastian Sylvia Theodore Ursula Victor Winifred
Xavier Yvonne Zachary""".split()
EN_LAST = """Ashworth Barrington Blackwood Carmichael Chadwick Davenport Donaghue Easterbrook Fairweather Galbraith Hargreaves
Inglewood Jankowski Kavanagh Lindqvist MacAllister Nightingale Oakeshott Pemberton Quartermaine Rutherford Silverstone
Thistlethwaite Underhill Vandenberg Wetherby Xenakis Yardley Zimmermann""".split()
CODE_A = """AMBER BRASS COBALT CRIMSON DESERT EMBER FALCON GRANITE HARVEST INDIGO JASPER KESTREL LANTERN MARBLE NORTHERN ONYX
PEBBLE QUARTZ RAVEN SABLE THUNDER UMBER VELVET WILLOW ZEPHYR""".split()
CODE_B = """ANVIL BASTION COMPASS DAGGER ECLIPSE FURNACE GAUNTLET HORIZON IRONWOOD JAVELIN KEYSTONE LATTICE MERIDIAN NEBULA
ORCHARD PALISADE QUIVER RAMPART SENTINEL TRIDENT UMBRELLA VANGUARD WHIRLWIND YEOMAN""".split()

EN_MARKS = ["TOP SECRET//SI//NOFORN", "SECRET//REL TO USA, FVEY", "CONFIDENTIAL", "SECRET//NOFORN", "OFFICIAL-SENSITIVE",
            "TOP SECRET", "CUI//SP-PRVCY", "NATO RESTRICTED", "COMPANY CONFIDENTIAL", "UK SECRET"]

ZH_SUBJECTS = """各有关单位 本市人民政府 省级主管部门 项目领导小组 财务管理处 区域规划委员会 建设单位 监理机构 技术支持中心 档案管理部门
人力资源处 信息化办公室 应急指挥中心 水利工程队 运输公司 采购部门 审计小组 督查组 工会委员会 基层党组织 研究院所 实验室负责人
外派工作人员 后勤保障组 统计部门 气象观测站 港口管理局 铁路运营公司 电力调度中心 供水企业 环境监测站 食品检验所 学校教务处 社区服务站
法律顾问 值班人员 承包方 供应商 驻地代表 评审专家""".split()
ZH_VERBS = """应当按时完成 负责组织实施 须认真核对 已经批准 正在研究 统一安排 逐项落实 定期检查 及时上报 重新修订 共同参与 严格执行 进一步规范
积极推进 妥善处理 全面调查 集中整理 分步开展 详细说明 公开征求 依法办理 重点保障 协调解决 联合审查 认真总结 主动配合 按规定登记 尽快提交
继续完善 稳步扩大""".split()
ZH_OBJECTS = """年度工作计划 预算执行情况 设备更新方案 水库大坝加固工程 铁路支线改造项目 城市排水管网图纸 实验数据汇总表 人员培训安排
采购合同文本 安全生产责任书 土地使用审批材料 会议纪要 财务决算报告 仓库盘点清单 交通运输协议 环境影响评价文件 港口扩建计划 电网调度规程
档案移交目录 信息系统验收报告 住房补贴标准 渔业资源调查结果 气象观测记录 科研经费使用明细 外事接待日程 车辆维修费用 图书馆藏书目录
疫苗储备数量 粮食收购价格 林业防火预案 桥梁荷载试验 隧道施工进度 矿区勘探资料 教学质量评估 社会保险缴费基数 医疗器械采购""".split()
ZH_TAILS = """并于月底前报送备案 以确保各项任务顺利完成 不得擅自变更内容 相关费用由专项资金列支 具体办法另行通知 请结合实际贯彻执行
有效期至明年六月三十日 必要时可组织专家论证 其余事项参照原规定办理 由主管领导签字后生效 一式三份分别存档 未经许可不得复制 现将有关情况说明如下
对存在的问题要限期整改 结果纳入年终考核 经集体讨论一致通过 与上年同期相比略有增长 同时抄送有关部门 做到责任到人 防止类似情况再次发生""".split()
ZH_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
ZH_DOUBLE = ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐"]
ZH_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏飞辉玲桐宇轩雨泽浩然晨曦若溪思远文博立诚嘉懿"
ZH_CODES = "长庚 北斗 昆仑 青鸾 雷霆 麒麟 沧海 丹霞 玄武 白泽 凌霄 天枢 锦鲤 苍穹 惊蛰 磐石 破晓 飞虹 蓝鲸 赤焰".split()
ZH_MARKS = ["机密★10年", "绝密★长期", "秘密★5年", "内部资料", "机密", "工作秘密", "商业秘密", "绝密", "秘密", "内部文件 注意保管",
            "机密★20年", "秘密★6个月"]
# Characters that both scripts have, but that stand for another one here; all others that Big5 counts among the frequent stay.
TRADITIONAL_FIRST = {"苏": "蘇", "后": "後", "里": "裡", "云": "雲", "干": "幹", "征": "徵", "准": "準", "划": "劃", "采": "採", "于": "於", "价": "價",
                     "余": "餘", "复": "復", "尽": "盡"}

AREA_CODES = ["110101", "310115", "440305", "510104", "330106", "420102", "610113", "370202", "500103", "210211"]


def is_frequent(character):
    """Whether Big5 counts a character among the frequent ones."""
    code = character.encode("big5", "ignore")
    return len(code) == 2 and 0xA4 <= code[0] <= 0xC6


def traditional_table():
    """Simplified to traditional characters."""
    table = {}
    for line in (ROOT / "models/traditional.txt").read_text("utf-8").splitlines():
        if len(line) == 2 and not is_frequent(line[1]) and (line[1] not in table or not is_frequent(table[line[1]])):
            table[line[1]] = line[0]
    table.update(TRADITIONAL_FIRST)
    return table


_TABLE = None


def to_traditional(text):
    global _TABLE
    if _TABLE is None:
        _TABLE = traditional_table()
    return "".join(_TABLE.get(c, c) for c in text)


# --- planted strings ------------------------------------------------------------------------------------------------------

def resident_id(chance):
    """A resident identity number with its right check digit (GB 11643)."""
    body = chance.choice(AREA_CODES) + f"{chance.randint(1955, 2004)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body += f"{chance.randint(1, 999):03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def card_number(chance):
    """A card number with its right check digit (ISO/IEC 7812)."""
    digits = [int(d) for d in "62" + "".join(str(chance.randint(0, 9)) for _ in range(13))]
    total = sum(d if i % 2 else d * 2 - 9 * (d > 4) for i, d in enumerate(digits))
    number = "".join(map(str, digits)) + str(-total % 10)
    return " ".join(number[i:i + 4] for i in range(0, 16, 4))


def planted_en(chance):
    name = f"{chance.choice(EN_FIRST)} {chance.choice(EN_LAST)}"
    code = f"{chance.choice(CODE_A)} {chance.choice(CODE_B)}"
    return [
        ("name", name, f"The file was handed to {name} on the same day."),
        ("name", (n := f"{chance.choice(EN_FIRST)} {chance.choice(EN_LAST)}"), f"Copies go to {n} and to the registry."),
        ("codename", code, f"Work on {code} continues as planned."),
        ("identifier", (p := f"{chance.choice('ABCDEFGHJKLMN')}{chance.randint(10**7, 10**8 - 1)}"), f"Passport number {p} was noted."),
        ("identifier", (c := card_number(chance)), f"Payments are made with card {c} only."),
        ("identifier", (m := f"{chance.choice(EN_FIRST).lower()}.{chance.choice(EN_LAST).lower()}@example.org"), f"Questions go to {m} in writing."),
        ("amount", (a := f"USD {chance.randint(1, 98)},{chance.randint(100, 999)},{chance.randint(100, 999)}.{chance.randint(10, 99)}"), f"The total comes to {a} for the year."),
        ("identifier", (d := f"{chance.randint(2019, 2031)}/{chance.choice('ABCD')}{chance.randint(100, 999)}-{chance.randint(10, 99)}"), f"See contract {d} for details."),
    ]


def chinese_name(chance):
    surname = chance.choice(ZH_DOUBLE) if chance.random() < 0.15 else chance.choice(ZH_SURNAMES)
    return surname + "".join(chance.choice(ZH_GIVEN) for _ in range(chance.choice([1, 2, 2])))


def planted_zh(chance):
    name, other, code = chinese_name(chance), chinese_name(chance), chance.choice(ZH_CODES) + chance.choice(["一号", "二号", "工程", "计划"])
    return [
        ("name", name, f"项目联系人{name}已到任。"),
        ("name", other, f"经{other}同志审核后归档。"),
        ("codename", code, f"代号“{code}”的工作按计划进行。"),
        ("identifier", (i := resident_id(chance)), f"身份证号{i}，请核对。"),
        ("identifier", (p := f"1{chance.choice('3578')}{chance.randint(10**8, 10**9 - 1)}"), f"联系电话{p}，工作时间接听。"),
        ("identifier", (c := card_number(chance)), f"账号：{c}。"),
        ("amount", (a := f"{chance.randint(1, 98)},{chance.randint(100, 999)},{chance.randint(100, 999)}.{chance.randint(10, 99)}元"), f"合同总价为{a}整。"),
        ("identifier", (d := f"〔{chance.randint(2019, 2031)}〕{chance.randint(1, 399)}号"), f"参见办发{d}文件。"),
    ]


# --- sentences ----------------------------------------------------------------------------------------------------------------

def clause_en(chance):
    adjective = chance.choice(EN_ADJECTIVES) + " " if chance.random() < 0.6 else ""
    end = ""
    if chance.random() < 0.5:
        end = f" for the {chance.choice(EN_ADJECTIVES)} {chance.choice(EN_WORDS)}"
    if chance.random() < 0.2:
        end += f" of {chance.randint(2, 980)} {chance.choice(EN_WORDS)} units"
    return f"the {adjective}{chance.choice(EN_WORDS)} {chance.choice(EN_VERBS)} the {chance.choice(EN_WORDS)}{end}"


def sentence_en(chance):
    text = clause_en(chance)
    if chance.random() < 0.5:
        text += f"{chance.choice([',', ''])} {chance.choice(EN_JOINS)} {clause_en(chance)}"
    return text[0].upper() + text[1:] + "."


def sentence_zh(chance):
    text = chance.choice(ZH_SUBJECTS) + chance.choice(ZH_VERBS) + chance.choice(ZH_OBJECTS)
    if chance.random() < 0.7:
        text += "，" + chance.choice(ZH_TAILS)
    if chance.random() < 0.25:
        text += f"，共{chance.randint(2, 980)}{chance.choice(['项', '人', '万元', '公里', '台', '份', '%'])}"
    return text + "。"


def sentence_mixed(chance):
    if chance.random() < 0.3:
        return sentence_en(chance) + " "
    terms = ["GDP", "ERP", "Excel", "VPN", "ISO 9001", "Wi-Fi", "PDF", "CPU", "Type-C", "SAP", "HTTP", "LED", "Model 3", "PLC"]
    return sentence_zh(chance).replace("，", f"（{chance.choice(terms)}），", 1)


class Content:
    """Paragraphs of one page with planted strings among them."""

    def __init__(self, language, chance):
        self.language, self.chance = language, chance
        self.planted = []

    def say(self, text):
        return to_traditional(text) if self.language == "zht" else text

    def plant(self, kind, text):
        text = self.say(text)
        self.planted.append({"kind": kind, "text": text})
        return text

    def mark(self):
        marks = EN_MARKS if self.language == "en" else ZH_MARKS
        return self.plant("marking", self.chance.choice(marks))

    def title(self):
        if self.language == "en":
            return " ".join(word.capitalize() for word in self.chance.sample(EN_WORDS, 4))
        return self.say("关于" + self.chance.choice(ZH_OBJECTS) + "的通知")

    def sentence(self):
        make = {"en": sentence_en, "mixed": sentence_mixed}.get(self.language, sentence_zh)
        return self.say(make(self.chance))

    def paragraphs(self, count, sentences=4, plant=8):
        """Paragraphs as texts."""
        items = planted_en(self.chance) if self.language == "en" else planted_zh(self.chance)
        if self.language == "mixed":
            items = items[:6] + planted_en(self.chance)[:4]
        self.chance.shuffle(items)
        result = [[self.sentence() for _ in range(self.chance.randint(2, sentences))] for _ in range(count)]
        for kind, text, sentence in items[:plant]:
            self.plant(kind, text)
            paragraph = self.chance.choice(result)
            paragraph.insert(self.chance.randint(0, len(paragraph)), self.say(sentence))
        glue = {"en": " ", "mixed": " "}.get(self.language, "")
        return [glue.join(sentences) for sentences in result]

    def rows(self, count):
        """A table: the head, and rows of cells."""
        chance = self.chance
        if self.language == "en":
            head = ["Item", "Responsible", "Number", "Amount"]
            rows = [[f"{chance.choice(EN_ADJECTIVES)} {chance.choice(EN_WORDS)}".capitalize(),
                     f"{chance.choice(EN_FIRST)} {chance.choice(EN_LAST)}", f"{chance.choice('KLMN')}-{chance.randint(1000, 9999)}",
                     f"{chance.randint(10, 999)},{chance.randint(100, 999)}.{chance.randint(10, 99)}"] for _ in range(count)]
        else:
            head = ["项目名称", "负责人", "编号", "金额（元）"]
            rows = [[chance.choice(ZH_OBJECTS)[:8], chinese_name(chance), f"{chance.choice('甲乙丙丁')}字{chance.randint(1000, 9999)}",
                     f"{chance.randint(10, 999)},{chance.randint(100, 999)}.{chance.randint(10, 99)}"] for _ in range(count)]
        rows = [[self.say(cell) for cell in row] for row in rows]
        for row in chance.sample(rows, min(4, count)):
            self.planted += [{"kind": "name", "text": row[1]}, {"kind": "amount", "text": row[3]}]
        return [self.say(cell) for cell in head], rows


def chance_of(*parts):
    """A random generator that depends on its name only."""
    return random.Random("/".join(map(str, parts)))
