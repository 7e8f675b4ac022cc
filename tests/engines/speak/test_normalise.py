import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.speak.normalise import normalised

ENGLISH = {
    "I have 3 dogs.": "I have three dogs.",
    "It costs $5.20.": "It costs five dollars and twenty cents.",
    "The bill is $1.": "The bill is one dollar.",
    "only $0.99": "only ninety-nine cents",
    "It costs £1,250.": "It costs one thousand two hundred fifty pounds.",
    "$3 million": "three million dollars",
    "USD 50": "fifty dollars",
    "€20": "twenty euros",
    "25% off": "twenty-five percent off",
    "on 2024-03-05": "on March fifth, twenty twenty-four",
    "on March 5, 2024": "on March fifth, twenty twenty-four",
    "on 5 March 2024": "on March fifth, twenty twenty-four",
    "Jan 1st": "January first",
    "12/25/2023": "December twenty-fifth, twenty twenty-three",
    "at 3:30 pm": "at three thirty P M",
    "at 14:05": "at fourteen oh five",
    "at 8 a.m. sharp": "at eight A M sharp",
    "10:00-11:30": "ten o'clock to eleven thirty",
    "the 21st century": "the twenty-first century",
    "1st, 2nd and 3rd": "first, second and third",
    "Dr. Smith met Mrs. Jones.": "Doctor Smith met Missus Jones.",
    "St. John lives on Main St.": "Saint John lives on Main Street",
    "5 km away": "five kilometres away",
    "1 kg": "one kilogram",
    "60 mph": "sixty miles per hour",
    "2.5 GB": "two point five gigabytes",
    "-7 °C": "minus seven degrees Celsius",
    "3.14": "three point one four",
    "1/2 cup and 2/5": "one half cup and two fifths",
    "Call 555-123-4567.": "Call five five five, one two three, four five six seven.",
    "+1 415 555 2671": "plus one, four one five, five five five, two six seven one",
    "in 1999 and 2005": "in nineteen ninety-nine and two thousand five",
    "the 1990s": "the nineteen nineties",
    "1,234,567 people": "one million two hundred thirty-four thousand five hundred sixty-seven people",
    "e.g. apples": "for example apples",
    "No. 5": "number five",
    "Henry VIII": "Henry the eighth",
    "World War II": "World War two",
    "10-20 people": "ten to twenty people",
    "1990-2000": "nineteen ninety to two thousand",
    "R&D": "R and D",
    "a@b.com": "a at b dot com",
    "007": "zero zero seven",
    "A4 paper, 3x faster": "A four paper, three times faster",
    "In 2019 in Paris": "In twenty nineteen in Paris",
    "1 in 5 people": "one in five people",
    "There were 7 in all": "There were seven in all",
    "in 2020 s": "in twenty twenty s",
    "at 5 h street": "at five h street",
    '5in and a 2" pipe': "five inches and a two inches pipe",
    'He said "in 19"': 'He said "in nineteen"',
    "a 5s wait": "a five seconds wait",
    "10:05:30": "ten oh five and thirty seconds",
    "2025-03-04T10:05": "March fourth, twenty twenty-five, ten oh five",
    "2025/03/04": "March fourth, twenty twenty-five",
    "192.168.1.1": "one hundred ninety-two dot one hundred sixty-eight dot one dot one",
    "v1.2.3": "version one point two point three",
    "123.4567": "one hundred twenty-three point four five six seven",
    "555.123.4567": "five five five, one two three, four five six seven",
    "1 1/2 cups": "one and one half cups",
    "½ and 2½": "one half and two and one half",
    "1/100": "one hundredth",
    "$10-20": "ten to twenty dollars",
    "$1-$2 million": "one to two million dollars",
    "-$5": "minus five dollars",
    "10–20 km": "ten to twenty kilometres",
    "-5–10 °C": "minus five to ten degrees Celsius",
    "5 m and 250 g": "five metres and two hundred fifty grams",
    "90s music": "nineties music",
    "a 10s timeout": "a ten seconds timeout",
    "in her 20s": "in her twenties",
    "24/7": "twenty-four seven",
    "16:9": "sixteen to nine",
    "5-3=2": "five minus three equals two",
    "2*3=6": "two times three equals six",
    "Elizabeth I think": "Elizabeth I think",
    "Part I saw": "Part I saw",
    "12345678901234567890": " ".join("one two three four five six seven eight nine zero".split() * 2),
}
CHINESE = {
    "我有3只狗。": "我有三只狗。",
    "价格是￥5.20。": "价格是五点二元。",
    "价格￥1250元": "价格一千二百五十元",
    "￥3万": "三万元",
    "$20": "二十美元",
    "打折25%": "打折百分之二十五",
    "GDP增长5.2%": "GDP增长百分之五点二",
    "2024年3月5日": "二零二四年三月五日",
    "2024-03-05": "二零二四年三月五日",
    "2024/3/5": "二零二四年三月五日",
    "下午3:30": "下午三点三十分",
    "14:05:30": "十四点零五分三十秒",
    "2:30": "两点三十分",
    "10:00-11:30": "十点到十一点三十分",
    "第21届": "第二十一届",
    "第2个": "第二个",
    "5km": "五公里",
    "60km/h": "每小时六十公里",
    "100㎡": "一百平方米",
    "3.14": "三点一四",
    "-7℃": "零下七摄氏度",
    "气温-5~3℃": "气温零下五到三摄氏度",
    "1/2杯": "二分之一杯",
    "电话13812345678": "电话幺三八幺二三四五六七八",
    "010-12345678": "零幺零幺二三四五六七八",
    "拨打110": "拨打幺幺零",
    "1999年": "一九九九年",
    "90年代": "九十年代",
    "1990-2000年": "一九九零到二零零零年",
    "1,234,567人": "一百二十三万四千五百六十七人",
    "10001": "一万零一",
    "20015": "两万零一十五",
    "100000000": "一亿",
    "10-20人": "十到二十人",
    "2个": "两个",
    "12个": "十二个",
    "200元": "两百元",
    "2000人": "两千人",
    "3.5亿": "三点五亿",
    "比分3:2": "比分三比二",
    "iPhone 15": "iPhone 十五",
    "A4纸": "A四纸",
    "1+1=2": "一加一等于二",
    "No.1": "第一",
    "007": "零零七",
    "走了10000步": "走了一万步",
    "身高120厘米": "身高一百二十厘米",
    "110平方米": "一百一十平方米",
    "119页和120斤": "一百一十九页和一百二十斤",
    "客服热线：95588或110": "客服热线：九五五八八或幺幺零",
    "110报警电话": "幺幺零报警电话",
    "25/12/2025": "二零二五年十二月二十五日",
    "12306。": "幺二三零六。",
    "5%-10%": "百分之五到百分之十",
    "5-10%": "百分之五到百分之十",
    "5.5%~6%": "百分之五点五到百分之六",
    "1990年代": "一九九零年代",
    "2年级": "二年级",
    "2-3个": "两到三个",
    "2点": "两点",
    "第2点": "第二点",
    "3.00元": "三元",
    "2.00元": "两元",
    "3-1=2": "三减一等于二",
    "3*4等于12": "三乘以四等于十二",
    "邮编100084": "邮编一零零零八四",
    "版本1.2.3": "版本一点二点三",
    "192.168.1.1": "一九二点一六八点一点一",
    "联系a1@b.com吧": "联系a一 at b点com吧",
    "见https://a.com/b页": "见a点com斜杠b页",
    "3/4/2025": "二零二五年三月四日",
    "２０２４年": "二零二四年",
}


@pytest.mark.parametrize(("written", "said"), ENGLISH.items())
def test_english_is_said_in_words(written, said):
    assert normalised(written, "en").said == said


@pytest.mark.parametrize(("written", "said"), CHINESE.items())
def test_chinese_is_said_in_words(written, said):
    assert normalised(written, "zh").said == said


@pytest.mark.parametrize("language", ["en", "zh", "de"])
@given(
    text=st.text(alphabet='0123456789.,:-/+*%$￥€℃°½T"年月日个万亿第点元邮编电话 kmabinshIVX@#&=x第😀\x00', max_size=40)
)
def test_whatever_is_said_the_written_words_are_kept(language, text):
    assert normalised(text, language).written == text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_are_not_read(language):
    assert normalised("OK 👍🏽 ✨", language).said == "OK"


def test_other_languages_keep_their_numbers_for_espeak():
    assert normalised("25 % Rabatt", "de").said == "25 % Rabatt"


def test_ten_thousand_digits_take_no_time():
    assert normalised("7" * 10_000, "zh").said == "七" * 10_000
