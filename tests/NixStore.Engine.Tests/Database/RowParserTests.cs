using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Database;

public sealed class RowParserTests
{
    private const string Path = "/nix/store/0cbyggaxcnw0mha9ny2il7djc6q6fk5m-plain3.txt";
    private const string Hash = "sha256:1b8ff2b2ad7ca7a1ba0ae1aaf9a9dbe1b8ff2b2ad7ca7a1ba0ae1aaf9a9dbe00";
    private static readonly StoreLocation s_store = StoreLocator.Locate("local?root=/mnt&store=/nix/store");

    [Fact]
    public void A_whole_row_gives_all_fields_and_no_problem()
    {
        var signature = $"lab-1:{Convert.ToBase64String(new byte[64])}";
        var (parsed, problems) = Parse(new PathRow
        {
            Id = 1, Path = Path, Hash = Hash, RegistrationTime = 1_700_000_000, NarSize = 128, Deriver = Path + ".drv",
            Signatures = $"{signature} {signature}", ContentAddress = $"fixed:r:{Hash}", References = [Path], Ultimate = 1,
        });

        Assert.Empty(problems);
        Assert.Equal(("plain3.txt", 128L, 1_700_000_000L, "plain3.txt.drv", 2, ContentAddressMethod.Nar, 1),
            (parsed.Path!.Name, parsed.NarSize!.Value, parsed.RegistrationTime!.Value.ToUnixTimeSeconds(), parsed.Deriver!.Name, parsed.Signatures.Count,
                parsed.ContentAddress!.Method, parsed.References.Count));
    }

    public static TheoryData<PathRow, StoreProblemKind> Damaged => new()
    {
        { Good(path: "/nix/store/foo"), StoreProblemKind.RowPath },
        { Good(path: ""), StoreProblemKind.RowPath },
        { Good(path: "/gnu/store/0cbyggaxcnw0mha9ny2il7djc6q6fk5m-plain3.txt"), StoreProblemKind.RowPath },
        { Good(path: Path + "/sub"), StoreProblemKind.RowPath },
        { Good(path: "/nix/store/0cbyggaxcnw0mha9ny2il7djc6q6fk5m-ä"), StoreProblemKind.RowPath },
        { Good(hash: "sha256:zz"), StoreProblemKind.RowHash },
        { Good(hash: null), StoreProblemKind.RowHash },
        { Good(hash: ""), StoreProblemKind.RowHash },
        { Good(hash: "sha256:" + new string('0', 64)), StoreProblemKind.RowHash },
        { Good(hash: "sha1:" + new string('a', 40)), StoreProblemKind.RowHash },
        { Good(size: null), StoreProblemKind.RowSize },
        { Good(size: 0), StoreProblemKind.RowSize },
        { Good(size: -8), StoreProblemKind.RowSize },
        { Good(malformed: ("narSize", "much")), StoreProblemKind.RowSize },
        { Good(malformed: ("ultimate", "yes")), StoreProblemKind.RowColumn },
        { Good(time: -1), StoreProblemKind.RowColumn },
        { Good(time: long.MaxValue), StoreProblemKind.RowColumn },
        { Good(deriver: "/nix/store/x"), StoreProblemKind.RowDeriver },
        { Good(signatures: "garbage"), StoreProblemKind.RowSignature },
        { Good(signatures: "lab-1:AAAA"), StoreProblemKind.RowSignature },
        { Good(address: "fixed:sha999:zz"), StoreProblemKind.RowContentAddress },
        { Good(address: "x"), StoreProblemKind.RowContentAddress },
        { Good(dangling: 999), StoreProblemKind.DanglingReference },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Each_damaged_value_is_one_problem_of_its_kind(PathRow row, StoreProblemKind kind)
    {
        var (_, problems) = Parse(row);

        var problem = Assert.Single(problems);
        Assert.Equal((kind, StorePathState.Malformed), (problem.Kind, problem.State));
        Assert.NotNull(problem.Detail);
    }

    [Fact]
    public void One_bad_signature_leaves_the_good_ones()
    {
        var good = $"lab-1:{Convert.ToBase64String(new byte[64])}";

        var (parsed, problems) = Parse(Good(signatures: $"bad {good} worse:x"));

        Assert.Equal(good, Assert.Single(parsed.Signatures).ToString());
        Assert.Equal(["bad", "worse:x"], problems.Select(problem => problem.Actual));
    }

    [Fact]
    public void A_problem_quotes_little_of_a_huge_value()
    {
        var (_, problems) = Parse(Good(signatures: new string('x', 1_000_000)));

        Assert.InRange(problems.Single().ToString().Length, 100, 1000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/nix/store/")]
    [InlineData("/nix/store/..")]
    [InlineData("/nix/store/.links")]
    [InlineData("/nix/store/foo")]
    public void A_row_that_is_no_store_path_leads_to_no_file(string path)
        => Assert.Equal("", PathLister.Describe(Good(path: path), s_store).RealPath);

    private static PathRow Good(
        string path = Path, string? hash = Hash, long? size = 128, long? time = 1, string? deriver = null, string? signatures = null,
        string? address = null, (string, string)? malformed = null, long? dangling = null) => new()
        {
            Id = 1, Path = path, Hash = hash, NarSize = malformed?.Item1 == "narSize" ? null : size, RegistrationTime = time, Deriver = deriver,
            Signatures = signatures, ContentAddress = address, MalformedColumns = malformed is { } column ? [column] : [],
            DanglingReferences = dangling is { } id ? [id] : [],
        };

    private static (ParsedRow Row, List<StorePathProblem> Problems) Parse(PathRow row)
    {
        var problems = new List<StorePathProblem>();
        return (RowParser.Parse(row, s_store, problems), problems);
    }
}
