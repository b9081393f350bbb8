# Does what docs/en-US/about_NixStore_Pruning.md does, block by block, to a cache of which is known what has to go: from inventory to empty trash.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    $page = Get-Content -Raw (Join-Path $root docs en-US about_NixStore_Pruning.md)
    $named = [regex]::Matches($page, '\b[A-Z][a-z]+-BinaryCache\w*').Value | Sort-Object -Unique
}

Describe 'about_NixStore_Pruning' -ForEach @{ named = $named } {
    It 'Names commands that there are' {
        $named | Should -Contain 'Invoke-BinaryCachePrune'
        $named | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) } | Should -BeNullOrEmpty
    }
}

Describe 'Removing all NixOS images older than 60 days as about_NixStore_Pruning does' {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        Import-Module $manifest
        . $PSScriptRoot/catalogs.ps1
        $old = [datetime]'2025-01-01T00:00:00Z'
        $young = [datetime]::UtcNow.AddDays(-40)
        $directory = Join-Path $TestDrive cache
        $narInfos = @(
            @{ Name = 'hello-2.12.2'; Time = $old }
            @{ Name = 'nixos-minimal-24.05.iso'; Time = $old; References = "$(Get-SampleHashPart 1)-hello-2.12.2" }
            @{ Name = 'nixos-graphical-24.05.iso'; Time = $old }
            @{ Name = 'nixos-sd-image-24.05-aarch64-linux.img.zst'; Time = $old }
            @{ Name = 'nixos-amazon-image-24.05.raw'; Time = $old }
            @{ Name = 'nixos-minimal-25.11.iso'; Time = $young }
            @{ Name = 'nixos-minimal-24.11.iso'; Time = $old }
            @{ Name = 'nixos-netboot-test'; Time = $old; References = "$(Get-SampleHashPart 9)-nixos-test.iso" }
            @{ Name = 'nixos-test.iso'; Time = $old }
            @{ Name = 'nixos-minimal-24.05-again.iso'; Time = $old; Url = 'nar/6.nar.xz' }
            @{ Name = 'iso-tools-1.0'; Time = $old }
        )
        $cache = New-SampleCache $directory $narInfos
        Set-Content (Join-Path $directory "$(Get-SampleHashPart 2).ls") '{}'
        Get-ChildItem -File -Recurse $directory | Where-Object Name -NotLike '*.narinfo' | ForEach-Object { $_.LastWriteTimeUtc = $old }
        Set-Content (Join-Path $TestDrive store-paths) "/nix/store/$(Get-SampleHashPart 7)-nixos-minimal-24.11.iso"

        # 2, 3, 4, 5 and 10 go: 6 is too young, 7 is a root, 9 is what 8 refers to. The NAR of 10 is that of 6.
        $going = 2, 3, 4, 5, 10
        $before = Get-ChildItem -File -Recurse $directory | ForEach-Object { "$([IO.Path]::GetRelativePath($directory, $_.FullName)) $((Get-FileHash $_).Hash)" } | Sort-Object
        function Get-Left {
            Get-ChildItem -File -Recurse $directory | Where-Object FullName -NotLike '*nixstore-trash*' |
                ForEach-Object { "$([IO.Path]::GetRelativePath($directory, $_.FullName)) $((Get-FileHash $_).Hash)" } | Sort-Object
        }

        $page = Get-Content -Raw (Join-Path $root docs en-US about_NixStore_Pruning.md)
        $section = [regex]::Match($page, '(?ms)^### Remove all NixOS images older than 60 days\n(.*?)^### ').Groups[1].Value
        $blocks = [regex]::Matches($section, '(?ms)^```powershell\n(.*?)^```').ForEach{ $_.Groups[1].Value }
        function Invoke-Block([int] $Number, [hashtable] $Replace = @{}) {
            $text = $blocks[$Number].Replace("'s3://nix-cache?region=us-east-1'", "'$cache'").Replace('./', "$TestDrive/")
            foreach ($item in $Replace.GetEnumerator()) {
                $text | Should -BeLike "*$($item.Key)*"
                $text = $text.Replace($item.Key, $item.Value)
            }

            & ([scriptblock]::Create($text))
        }
    }

    It 'Has the steps' { $blocks | Should -HaveCount 7 }

    It 'Brings the catalog up to date and notes what must stay' {
        Invoke-Block 0 @{ "$TestDrive/inventory" = "-BinaryCache $cache"; 'store-paths.xz' = 'store-paths' }
        (Find-BinaryCachePath -Catalog (Join-Path $TestDrive cache.catalog)).Count | Should -Be 11
        (Get-BinaryCacheRoot -Catalog (Join-Path $TestDrive cache.catalog)).Count | Should -Be 1
    }

    It 'Plans what has to go, and says why the rest stays' {
        $plan = Invoke-Block 1
        $plan.PathCount | Should -Be 5
        ($plan.Kept | ForEach-Object { "$($_.Reason) $($_.Paths)" } | Sort-Object) | Should -Be 'Referenced 1', 'Root 1'
        $plan.Classes.Name | Sort-Object | Should -Be 'AmazonImage', 'Iso', 'SdImage'
    }

    It 'Shows it' {
        $null = Invoke-Block 2
        Get-Content -Raw (Join-Path $TestDrive images.html) | Should -Match 'AmazonImage'
    }

    It 'Proves it' {
        $checks = Invoke-Block 3
        $checks | Where-Object { -not $_.IsPassed } | Should -BeNullOrEmpty
        $checks.Count | Should -BeGreaterThan 10
    }

    It 'Approves it' {
        Invoke-Block 4 @{ 'images.plan' = 'images.plan -PassThru' } | ForEach-Object { $_.Approvals.Comment } | Should -BeLike 'agreed*'
    }

    It 'Applies it, today what is due today' {
        $done = Invoke-Block 5 @{ '-Mode Trash' = '-Mode Trash -Confirm:$false' }
        $done[-1].Step | Should -Be Wait
        Get-Left | Should -Be ($before | Where-Object { $_ -notmatch "^($(($going | ForEach-Object { Get-SampleHashPart $_ }) -join '|'))\." })
    }

    It 'Is through when the delays are over, and has left whatever else there is as it was' {
        $done = Invoke-Block 5 @{ '-Mode Trash' = '-Mode Trash -Confirm:$false -NarDelay 0s -SettleDelay 0s' }
        $done[-1].IsFinished | Should -BeTrue
        Get-Left | Should -Be ($before | Where-Object { $_ -notmatch "^($(($going | ForEach-Object { Get-SampleHashPart $_ }) -join '|'))\." -and $_ -notmatch '^nar/[2345]\.nar' })
        Test-BinaryCache $cache | Where-Object { $_.Kind -in 'NarMissing', 'ReferenceMissing' } | Should -BeNullOrEmpty
    }

    It 'Empties nothing before its time' {
        Invoke-Block 6 @{ 'OlderThan 60d' = 'OlderThan 60d -Confirm:$false' } | Should -BeNullOrEmpty
        Get-BinaryCacheTrash $cache | Should -HaveCount $going.Count
    }

    It 'Empties the trash of a copy of the cache when its time has come' {
        $copy = Join-Path $TestDrive copy
        Copy-Item -Recurse $directory $copy
        $left = Get-Left
        Invoke-Block 6 @{ 'OlderThan 60d' = 'OlderThan (Get-Date) -Confirm:$false'; $cache = "file://$copy" } | ForEach-Object ObjectCount | Should -BeGreaterThan $going.Count
        Get-ChildItem -File -Recurse $copy | ForEach-Object { "$([IO.Path]::GetRelativePath($copy, $_.FullName)) $((Get-FileHash $_).Hash)" } | Sort-Object | Should -Be $left
    }

    It 'Brings all of it back, to the byte' {
        $null = Restore-BinaryCacheTrash $cache -All -Confirm:$false
        Get-Left | Should -Be $before
    }
}
