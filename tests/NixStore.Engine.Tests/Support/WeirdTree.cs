using System.Text;
using NixStore.Engine.Archive;

namespace NixStore.Engine.Tests.Support;

/// <summary>A tree with everything that is legal and unusual.</summary>
internal static class WeirdTree
{
    public static void Make(WorkDirectory work, string root)
    {
        work.Folder(root);
        work.Folder($"{root}/päth mit ümlaut");
        work.Folder($"{root}/päth mit ümlaut/日本語");
        work.Folder($"{root}/päth mit ümlaut/日本語/.hidden");
        work.File($"{root}/päth mit ümlaut/日本語/файл.txt", "u\n");
        work.File($"{root}/file with  spaces", "s\n");
        work.File($"{root}/quote'\"back\\slash", "q\n");
        work.File($"{root}/new\nline", "n");
        work.File($"{root}/empty-file");
        work.File($"{root}/-rf", "x", 0b111_101_101);
        work.File($"{root}/...", "dots");
        work.File([.. Encoding.UTF8.GetBytes($"{root}/latin1-"), 0xe9, 0], [0xe9, 0xe8]);
        work.File([.. Encoding.UTF8.GetBytes($"{root}/control-"), 1, 0x7f, 0], []);
        work.File($"{root}/{new string('n', 250)}", "z\n");
        work.Link($"{root}/long-symlink", new string('x', 4000));
        work.Link($"{root}/dangling", "/does/not/exist");
        work.Folder($"{root}/deep");
        var path = $"{root}/deep";
        for (var i = 0; i < 40; i++)
        {
            work.Folder(path += "/d");
        }

        foreach (var size in new[] { 1, 7, 8, 9, 16, 4095, 4096, 4097, NarSink.BufferSize - 1, NarSink.BufferSize, NarSink.BufferSize + 1, 1_000_003 })
        {
            var contents = new byte[size];
            new Random(size).NextBytes(contents);
            work.File($"{root}/deep/size-{size}", contents, size % 2 == 0 ? 0b110_100_100 : 0b111_101_101);
        }
    }
}
