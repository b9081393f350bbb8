using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Stores;

[Collection(NixEnvironment.Alone)]
public sealed class NixConfigurationFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly NixEnvironment _environment;

    public NixConfigurationFilesTests()
    {
        _environment = new NixEnvironment(Directory.CreateDirectory(_directory["etc"]).FullName);
        _environment["HOME"] = Directory.CreateDirectory(_directory["home/.config/nix"]).Parent!.Parent!.FullName;
        _environment["XDG_CONFIG_DIRS"] = _directory["xdg1"] + ":" + _directory["xdg2"];
        Directory.CreateDirectory(_directory["xdg1/nix"]);
        Directory.CreateDirectory(_directory["xdg2/nix"]);
    }

    public void Dispose()
    {
        _environment.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Without_any_file_there_are_the_defaults()
    {
        Assert.NotEmpty(NixConfiguration.Load().Substituters);
        Assert.Equal(_directory["etc/netrc"], NixConfiguration.Load().NetrcFile);
    }

    [Fact]
    public void The_nearest_file_has_the_last_word()
    {
        string[] files = ["etc/nix.conf", "xdg2/nix/nix.conf", "xdg1/nix/nix.conf", "home/.config/nix/nix.conf"];
        foreach (var file in files)
        {
            File.WriteAllText(_directory[file], $"store = /{file}\nextra-substituters = {file}\n");
            Assert.Equal($"/{file}", NixConfiguration.Load().Get("store"));
        }

        Assert.Equal(["https://cache.nixos.org/", .. files], NixConfiguration.Load().Substituters);
        _environment["NIX_CONFIG"] = "store = /inline\nsubstituters =";
        Assert.Equal("/inline", NixConfiguration.Load().Get("store"));
        Assert.Empty(NixConfiguration.Load().Substituters);
    }

    [Fact]
    public void Other_places_for_the_users_files_can_be_named()
    {
        File.WriteAllText(_directory["home/.config/nix/nix.conf"], "store = /home\n");
        File.WriteAllText(_directory["one"], "store = /one\n");
        File.WriteAllText(_directory["two"], "store = /two\nnetrc-file = /two/netrc\n");
        _environment["NIX_USER_CONF_FILES"] = _directory["one"] + ":" + _directory["two"];
        Assert.Equal(("/one", "/two/netrc"), (NixConfiguration.Load().Get("store"), NixConfiguration.Load().NetrcFile));

        _environment["NIX_USER_CONF_FILES"] = "";
        Assert.Null(NixConfiguration.Load().Get("store"));
    }

    [Theory]
    [InlineData("XDG_CONFIG_HOME", "given/nix/nix.conf")]
    [InlineData("NIX_CONFIG_HOME", "given/nix.conf")]
    public void The_users_directory_can_be_moved(string variable, string file)
    {
        Directory.CreateDirectory(_directory["given/nix"]);
        File.WriteAllText(_directory[file], "store = /given\n");
        _environment[variable] = _directory["given"];

        Assert.Equal("/given", NixConfiguration.Load().Get("store"));
    }

    [Fact]
    public void Includes_are_relative_to_their_file_and_take_their_turn()
    {
        Directory.CreateDirectory(_directory["etc/sub"]);
        File.WriteAllText(_directory["etc/nix.conf"], "store = /first\ninclude sub/more.conf\n!include absent.conf\nnetrc-file = /n\n");
        File.WriteAllText(_directory["etc/sub/more.conf"], "store = /second\ninclude deeper.conf\n");
        File.WriteAllText(_directory["etc/sub/deeper.conf"], "netrc-file = /deeper\nsubstituters = d\n");

        var configuration = NixConfiguration.Load();

        Assert.Equal(("/second", "/n"), (configuration.Get("store"), configuration.NetrcFile));
        Assert.Equal(["d"], configuration.Substituters);
    }

    [Fact]
    public void A_missing_include_is_an_error_that_names_it()
    {
        File.WriteAllText(_directory["etc/nix.conf"], "include absent.conf\n");

        var error = Assert.Throws<NixStoreException>(NixConfiguration.Load);

        Assert.Equal(("InvalidNixConfiguration", _directory["etc/absent.conf"]), (error.ErrorId, error.Target));
    }

    [Fact]
    public void A_circular_include_ends()
    {
        File.WriteAllText(_directory["etc/nix.conf"], "!include nix.conf\n");

        Assert.Equal("InvalidNixConfiguration", Assert.Throws<NixStoreException>(NixConfiguration.Load).ErrorId);
    }
}
