using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Native;

public sealed class ByteNameTests
{
    [Fact]
    public void Text_gets_the_NUL_that_the_kernel_wants()
    {
        Assert.Equal("päth\0"u8, ByteName.From("päth"));
        Assert.Equal("\0"u8, ByteName.From(""));
    }

    [Fact]
    public void Trim_takes_one_NUL_away()
    {
        Assert.Equal("a"u8, ByteName.Trim("a\0"u8));
        Assert.Equal("a"u8, ByteName.Trim("a"u8));
        Assert.True(ByteName.Trim("\0"u8).IsEmpty);
    }

    [Fact]
    public void Display_leaves_text_of_any_language_as_it_is() => Assert.Equal("日本語 файл 🦆", ByteName.ToDisplay("日本語 файл 🦆\0"u8));

    public static TheoryData<byte[], string> Unprintable => new()
    {
        { Encoding.Latin1.GetBytes("latin1-\xe9"), @"latin1-\xe9" },
        { Encoding.Latin1.GetBytes("\xe9-first"), @"\xe9-first" },
        { "new\nline"u8.ToArray(), @"new\x0aline" },
        { "\x1b[31mred"u8.ToArray(), @"\x1b[31mred" },
        { "del\x7f"u8.ToArray(), @"del\x7f" },
        { "\u009b31m"u8.ToArray(), @"\xc2\x9b31m" },
        { [0xe6, 0x97], @"\xe6\x97" },
        { [.. "ä"u8, 0xff, .. "日"u8], @"ä\xff日" },
        { [], "" },
    };

    [Theory]
    [MemberData(nameof(Unprintable))]
    public void Display_escapes_what_is_no_text_or_steers_a_terminal(byte[] name, string expected) => Assert.Equal(expected, ByteName.ToDisplay(name));
}
